WITH event AS (
    SELECT day, 'sold' AS kind, platform, customer_id, gross, discounts, units, total, extract(hour FROM local)::int AS hour
    FROM plain_orders WHERE tenant_id = %(tenant)s AND %(platform)s IN ('all', platform)
    UNION ALL
    SELECT CASE %(clock)s WHEN 'order' THEN order_day ELSE day END, 'back', platform, NULL, 0, 0, quantity, amount, NULL
    FROM plain_refunds WHERE tenant_id = %(tenant)s AND %(platform)s IN ('all', platform)
    UNION ALL
    SELECT day, 'spent', platform, NULL, 0, 0, 0, amount, NULL
    FROM plain_expenses WHERE tenant_id = %(tenant)s AND %(platform)s IN ('all', platform)),
firsts AS (SELECT platform, customer_id, min(day) AS day FROM event WHERE customer_id IS NOT NULL GROUP BY 1, 2),
-- A day on which orders were placed that are told of only, or whose refunds count on the other clock, is a day with sales too.
begins AS (
    SELECT min(day) AS day FROM (
        SELECT day FROM event
        UNION ALL
        SELECT unnest(ARRAY[day, order_day]) FROM plain_refunds WHERE tenant_id = %(tenant)s AND %(platform)s IN ('all', platform)
        UNION ALL
        SELECT (placed_at AT TIME ZONE %(timezone)s)::date FROM orders
        WHERE tenant_id = %(tenant)s AND %(platform)s IN ('all', platform) AND status <> 'cancelled' AND NOT test) d
    WHERE day <= %(last)s),
each AS (
    SELECT
        d::date AS day,
        coalesce(sum(gross), 0) AS gross, coalesce(sum(discounts), 0) AS discounts,
        coalesce(sum(total) FILTER (WHERE kind = 'back'), 0) AS back, coalesce(sum(total) FILTER (WHERE kind = 'sold'), 0) AS total,
        coalesce(sum(total) FILTER (WHERE kind = 'spent'), 0) AS spent,
        count(*) FILTER (WHERE kind = 'sold') AS orders,
        coalesce(sum(units) FILTER (WHERE kind = 'sold'), 0) AS units, coalesce(sum(units) FILTER (WHERE kind = 'back'), 0) AS units_back,
        count(DISTINCT (platform, customer_id)) FILTER (WHERE customer_id IS NOT NULL) AS customers,
        (SELECT count(*) FROM firsts f WHERE f.day = d) AS new,
        mode() WITHIN GROUP (ORDER BY hour) AS busiest
    FROM begins
    CROSS JOIN generate_series(
        CASE WHEN %(first)s > '0001-01-01' THEN %(first)s::date ELSE begins.day END, %(last)s::date, interval '1 day') d
    LEFT JOIN event e ON e.day = d
    GROUP BY d)
SELECT
    day, gross AS "grossSales", discounts, back AS returns, gross - discounts - back AS "netSales", orders, units,
    units_back AS "returnedUnits", (gross - discounts) / nullif(orders, 0) AS "averageOrderValue", customers, new AS "newCustomers",
    busiest AS "busiestHour", total - back AS revenue, spent AS expenses, total - back - spent AS "netProfit"
FROM each
ORDER BY day DESC
