WITH placed AS (
    SELECT * FROM plain_orders
    WHERE tenant_id = %(tenant)s AND %(platform)s IN ('all', platform) AND day BETWEEN %(first)s AND %(last)s),
people AS (
    SELECT
        platform, customer_id, count(*) AS orders, sum(gross - discounts) AS spent,
        count(DISTINCT day) AS days, max(day) - min(day) AS span,
        (SELECT count(*) FROM plain_orders e
         WHERE (e.tenant_id, e.platform, e.customer_id) = (%(tenant)s, p.platform, p.customer_id)) AS ever,
        (SELECT count(*) FROM plain_orders e
         WHERE (e.tenant_id, e.platform, e.customer_id) = (%(tenant)s, p.platform, p.customer_id) AND e.day < %(first)s) AS earlier
    FROM placed p
    WHERE customer_id IS NOT NULL
    GROUP BY platform, customer_id)
SELECT
    count(*) AS customers,
    count(*) FILTER (WHERE earlier = 0) AS "newCustomers",
    count(*) FILTER (WHERE earlier > 0) AS "returningCustomers",
    count(*) FILTER (WHERE orders > 1) AS "repeatCustomers",
    count(*) FILTER (WHERE orders > 1) * 100 / nullif(count(*), 0)::numeric AS "repeatPurchaseRate",
    count(*) FILTER (WHERE ever > 1) AS "loyalCustomers",
    count(*) FILTER (WHERE ever > 1) * 100 / nullif(count(*), 0)::numeric AS "returningCustomerRate",
    coalesce(sum(orders), 0) AS orders,
    (SELECT count(*) FROM placed WHERE customer_id IS NULL) AS "guestOrders",
    avg(orders) AS "averageOrders",
    avg(spent) AS "averageSpend",
    sum(span)::numeric / nullif(sum(days - 1), 0) AS "averageDaysBetween"
FROM people
