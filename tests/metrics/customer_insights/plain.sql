WITH sides (side, first_day, last_day, until) AS (
    VALUES ('now', %(first)s::date, %(last)s::date, 'infinity'::timestamptz),
           ('before', %(before_first)s, %(before_last)s, %(before_until)s)),
placed AS (
    SELECT side, first_day, o.*
    FROM sides JOIN plain_orders o ON day BETWEEN first_day AND last_day AND placed_at < until
    WHERE tenant_id = %(tenant)s AND %(platform)s IN ('all', platform)),
people AS (
    SELECT
        side, platform, customer_id, count(*) AS orders, sum(gross - discounts) AS spent,
        count(DISTINCT day) AS days, max(day) - min(day) AS span,
        (SELECT count(*) FROM plain_orders e
         WHERE (e.tenant_id, e.platform, e.customer_id) = (%(tenant)s, p.platform, p.customer_id)) AS ever,
        (SELECT count(*) FROM plain_orders e
         WHERE (e.tenant_id, e.platform, e.customer_id) = (%(tenant)s, p.platform, p.customer_id) AND e.day < p.first_day) AS earlier
    FROM placed p
    WHERE customer_id IS NOT NULL
    GROUP BY side, first_day, platform, customer_id),
told AS (
    SELECT
        side,
        count(customer_id) AS customers,
        count(*) FILTER (WHERE earlier = 0) AS new,
        count(*) FILTER (WHERE earlier > 0) AS came_back,
        count(*) FILTER (WHERE orders > 1) AS again,
        count(*) FILTER (WHERE orders > 1) * 100 / nullif(count(customer_id), 0)::numeric AS again_rate,
        count(*) FILTER (WHERE ever > 1) AS loyal,
        count(*) FILTER (WHERE ever > 1) * 100 / nullif(count(customer_id), 0)::numeric AS loyal_rate,
        coalesce(sum(orders), 0) AS orders,
        (SELECT count(*) FROM placed g WHERE g.side = sides.side AND g.customer_id IS NULL) AS guests,
        avg(orders) AS average,
        avg(spent) AS spend,
        sum(span)::numeric / nullif(sum(days - 1), 0) AS pause
    FROM sides LEFT JOIN people USING (side)
    GROUP BY side)
SELECT
    n.customers AS "customers", n.new AS "newCustomers", n.came_back AS "returningCustomers", n.again AS "repeatCustomers", n.again_rate AS "repeatPurchaseRate", n.loyal AS "loyalCustomers",
    n.loyal_rate AS "returningCustomerRate", n.orders AS "orders", n.guests AS "guestOrders", n.average AS "averageOrders", n.spend AS "averageSpend", n.pause AS "averageDaysBetween",
    (n.customers - b.customers) / nullif(abs(b.customers), 0)::numeric AS "growth.customers",
    (n.new - b.new) / nullif(abs(b.new), 0)::numeric AS "growth.newCustomers",
    (n.came_back - b.came_back) / nullif(abs(b.came_back), 0)::numeric AS "growth.returningCustomers",
    (n.again - b.again) / nullif(abs(b.again), 0)::numeric AS "growth.repeatCustomers",
    (n.again_rate - b.again_rate) / nullif(abs(b.again_rate), 0)::numeric AS "growth.repeatPurchaseRate",
    (n.loyal - b.loyal) / nullif(abs(b.loyal), 0)::numeric AS "growth.loyalCustomers",
    (n.loyal_rate - b.loyal_rate) / nullif(abs(b.loyal_rate), 0)::numeric AS "growth.returningCustomerRate",
    (n.orders - b.orders) / nullif(abs(b.orders), 0)::numeric AS "growth.orders",
    (n.guests - b.guests) / nullif(abs(b.guests), 0)::numeric AS "growth.guestOrders",
    (n.average - b.average) / nullif(abs(b.average), 0)::numeric AS "growth.averageOrders",
    (n.spend - b.spend) / nullif(abs(b.spend), 0)::numeric AS "growth.averageSpend",
    (n.pause - b.pause) / nullif(abs(b.pause), 0)::numeric AS "growth.averageDaysBetween"
FROM told n, told b
WHERE n.side = 'now' AND b.side = 'before'
