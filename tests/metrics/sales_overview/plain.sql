WITH sides (side, first_day, last_day, until) AS (
    VALUES ('now', %(first)s::date, %(last)s::date, 'infinity'::timestamptz),
           ('before', %(before_first)s, %(before_last)s, %(before_until)s)),
placed AS (
    SELECT side, first_day, o.*
    FROM sides JOIN plain_orders o ON day BETWEEN first_day AND last_day AND placed_at < until
    WHERE tenant_id = %(tenant)s AND %(platform)s IN ('all', platform)),
returned AS (
    SELECT side, sum(amount) AS returns
    FROM sides
    JOIN plain_refunds ON CASE WHEN %(clock)s = 'event' THEN day BETWEEN first_day AND last_day AND refunded_at < until
        -- Kept by the hour only.
        ELSE order_day BETWEEN first_day AND last_day AND (
            order_day < last_day OR side = 'now' OR until >= (last_day + 1)::timestamp AT TIME ZONE %(timezone)s
            OR date_trunc('hour', order_local) < date_trunc('hour', until AT TIME ZONE %(timezone)s)) END
    WHERE tenant_id = %(tenant)s AND %(platform)s IN ('all', platform)
    GROUP BY side),
buyers AS (
    SELECT side, count(*) AS customers, count(*) FILTER (WHERE NOT EXISTS (
        SELECT FROM plain_orders e
        WHERE (e.tenant_id, e.platform, e.customer_id) = (%(tenant)s, b.platform, b.customer_id) AND e.day < b.first_day)) AS new_customers
    FROM (SELECT DISTINCT side, first_day, platform, customer_id FROM placed WHERE customer_id IS NOT NULL) b
    GROUP BY side),
sums AS (
    SELECT
        side, coalesce(sum(gross), 0) AS gross, coalesce(sum(discounts), 0) AS discounts, coalesce(sum(shipping), 0) AS shipping,
        coalesce(sum(tax), 0) AS tax, count(order_id) AS orders, coalesce(sum(units), 0) AS units,
        (sum(gross) - sum(discounts)) / nullif(count(order_id), 0) AS average
    FROM sides LEFT JOIN placed USING (side)
    GROUP BY side),
whole AS (
    SELECT *, coalesce(returns, 0) AS back, coalesce(customers, 0) AS people, coalesce(new_customers, 0) AS new,
        gross - discounts - coalesce(returns, 0) AS net
    FROM sums LEFT JOIN returned USING (side) LEFT JOIN buyers USING (side))
SELECT
    n.gross AS "grossSales", n.discounts AS discounts, n.back AS returns, n.net AS "netSales", n.shipping AS shipping, n.tax AS tax,
    n.net + n.shipping + n.tax AS "totalSales", n.orders AS orders, n.units AS units, n.average AS "averageOrderValue",
    n.people AS customers, n.new AS "newCustomers", n.people - n.new AS "returningCustomers",
    CASE WHEN %(before_first)s <= %(before_last)s THEN n.net + n.shipping + n.tax - b.net - b.shipping - b.tax END AS "change.totalSales",
    CASE WHEN %(before_first)s <= %(before_last)s THEN n.orders - b.orders END AS "change.orders",
    (n.gross - b.gross) / nullif(abs(b.gross), 0) AS "growth.grossSales",
    (n.discounts - b.discounts) / nullif(abs(b.discounts), 0) AS "growth.discounts",
    (n.back - b.back) / nullif(abs(b.back), 0) AS "growth.returns",
    (n.net - b.net) / nullif(abs(b.net), 0) AS "growth.netSales",
    (n.shipping - b.shipping) / nullif(abs(b.shipping), 0) AS "growth.shipping",
    (n.tax - b.tax) / nullif(abs(b.tax), 0) AS "growth.tax",
    (n.net + n.shipping + n.tax - b.net - b.shipping - b.tax) / nullif(abs(b.net + b.shipping + b.tax), 0) AS "growth.totalSales",
    (n.orders - b.orders) / nullif(b.orders, 0)::numeric AS "growth.orders",
    (n.units - b.units) / nullif(abs(b.units), 0) AS "growth.units",
    (n.average - b.average) / nullif(abs(b.average), 0) AS "growth.averageOrderValue",
    (n.people - b.people) / nullif(b.people, 0)::numeric AS "growth.customers",
    (n.new - b.new) / nullif(b.new, 0)::numeric AS "growth.newCustomers",
    (n.people - n.new - b.people + b.new) / nullif(b.people - b.new, 0)::numeric AS "growth.returningCustomers"
FROM whole n, whole b
WHERE n.side = 'now' AND b.side = 'before'
