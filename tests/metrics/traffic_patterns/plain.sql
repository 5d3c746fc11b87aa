WITH begins AS (
    SELECT CASE WHEN %(first)s > '0001-01-01' THEN %(first)s::date ELSE min(day) END AS day FROM (
        SELECT unnest(ARRAY[day, order_day]) AS day FROM plain_refunds WHERE tenant_id = %(tenant)s AND %(platform)s IN ('all', platform)
        UNION ALL
        SELECT (placed_at AT TIME ZONE %(timezone)s)::date FROM orders
        WHERE tenant_id = %(tenant)s AND %(platform)s IN ('all', platform) AND status <> 'cancelled' AND NOT test) d),
-- Every hour that begins within the window, one after the other.
hours AS (
    SELECT extract(isodow FROM local) AS weekday, extract(hour FROM local) AS hour, count(*) AS hours
    FROM (
        SELECT instant AT TIME ZONE %(timezone)s AS local
        FROM begins CROSS JOIN generate_series(
            day::timestamp AT TIME ZONE %(timezone)s,
            least((least(%(last)s::date, date '2100-01-01') + 1)::timestamp AT TIME ZONE %(timezone)s - interval '1 second', %(as_of)s),
            interval '1 hour') instant) h
    GROUP BY 1, 2),
event AS (
    SELECT local, 1 AS orders, units, gross - discounts AS net FROM plain_orders
    WHERE tenant_id = %(tenant)s AND %(platform)s IN ('all', platform) AND day BETWEEN %(first)s AND %(last)s
    UNION ALL
    SELECT CASE %(clock)s WHEN 'order' THEN order_local ELSE local END, 0, 0, -amount FROM plain_refunds
    WHERE tenant_id = %(tenant)s AND %(platform)s IN ('all', platform)
      AND CASE %(clock)s WHEN 'order' THEN order_day ELSE day END BETWEEN %(first)s AND %(last)s),
sold AS (
    SELECT extract(isodow FROM local) AS weekday, extract(hour FROM local) AS hour, sum(orders) AS orders, sum(units) AS units, sum(net) AS net
    FROM event
    GROUP BY 1, 2)
SELECT
    weekday, hour, coalesce(hours, 0) AS hours, coalesce(orders, 0) AS orders, coalesce(units, 0) AS units, coalesce(net, 0) AS "netSales",
    coalesce(orders, 0)::numeric / hours AS "ordersPerHour", coalesce(net, 0) / hours AS "netSalesPerHour",
    coalesce(orders, 0) * 100 / nullif((SELECT sum(orders) FROM sold), 0) AS share
FROM generate_series(1, 7) weekday CROSS JOIN generate_series(0, 23) hour
LEFT JOIN hours USING (weekday, hour) LEFT JOIN sold USING (weekday, hour)
ORDER BY weekday, hour
