WITH sides (side, first_day, last_day, until) AS (
    VALUES ('now', %(first)s::date, %(last)s::date, 'infinity'::timestamptz),
           ('before', %(before_first)s, %(before_last)s, %(before_until)s)),
event AS (
    SELECT side, day, 1 AS orders, total, gross, discounts, shipping, tax, 0 AS back
    FROM sides JOIN plain_orders ON day BETWEEN first_day AND last_day AND placed_at < until
    WHERE tenant_id = %(tenant)s AND %(platform)s IN ('all', platform)
    UNION ALL
    SELECT side, day, 0, 0, 0, 0, 0, 0, amount
    FROM sides JOIN plain_refunds ON day BETWEEN first_day AND last_day AND refunded_at < until
    WHERE %(clock)s = 'event' AND tenant_id = %(tenant)s AND %(platform)s IN ('all', platform)
    UNION ALL
    -- Kept by the hour only.
    SELECT side, order_day, 0, 0, 0, 0, 0, 0, amount
    FROM sides JOIN plain_refunds ON order_day BETWEEN first_day AND last_day
        AND (order_day < last_day OR side = 'now' OR until >= (last_day + 1)::timestamp AT TIME ZONE %(timezone)s
            OR date_trunc('hour', order_local) < date_trunc('hour', until AT TIME ZONE %(timezone)s))
    WHERE %(clock)s = 'order' AND tenant_id = %(tenant)s AND %(platform)s IN ('all', platform)),
sums AS (
    SELECT
        side, coalesce(sum(total - back), 0) AS revenue, coalesce(sum(gross), 0) AS gross, coalesce(sum(discounts), 0) AS discounts,
        coalesce(sum(back), 0) AS back, coalesce(sum(gross - discounts - back), 0) AS net, coalesce(sum(shipping), 0) AS shipping,
        coalesce(sum(tax), 0) AS tax, coalesce(sum(orders), 0) AS orders, sum(gross - discounts) / nullif(sum(orders), 0) AS average
    FROM sides LEFT JOIN event USING (side)
    GROUP BY side),
best AS (
    SELECT day, sum(total - back) AS revenue FROM event WHERE side = 'now' GROUP BY day HAVING sum(orders) > 0
    ORDER BY sum(total - back) DESC, day LIMIT 1),
begins AS (
    SELECT min(day) AS day FROM (
        SELECT unnest(ARRAY[day, order_day]) AS day FROM plain_refunds WHERE tenant_id = %(tenant)s AND %(platform)s IN ('all', platform)
        UNION ALL
        SELECT (placed_at AT TIME ZONE %(timezone)s)::date FROM orders
        WHERE tenant_id = %(tenant)s AND %(platform)s IN ('all', platform) AND status <> 'cancelled' AND NOT test) d),
length AS (
    SELECT nullif(count(*), 0) AS days
    FROM begins CROSS JOIN generate_series(
        CASE WHEN %(first)s > '0001-01-01' THEN %(first)s::date ELSE begins.day END,
        CASE WHEN %(last)s = '9999-12-31' THEN (%(as_of)s AT TIME ZONE %(timezone)s)::date ELSE %(last)s::date END, interval '1 day'))
SELECT
    n.revenue, n.gross AS "grossSales", n.discounts, n.back AS returns, n.net AS "netSales", n.shipping, n.tax, n.orders,
    n.average AS "averageOrderValue", days, n.revenue / days AS "revenuePerDay",
    (SELECT day FROM best) AS "bestDay.day", (SELECT revenue FROM best) AS "bestDay.revenue",
    n.discounts * 100 / nullif(n.gross, 0) AS "discountRate", n.back * 100 / nullif(n.gross - n.discounts, 0) AS "returnRate",
    (n.revenue - b.revenue) / nullif(abs(b.revenue), 0) AS "growth.revenue",
    (n.gross - b.gross) / nullif(abs(b.gross), 0) AS "growth.grossSales",
    (n.net - b.net) / nullif(abs(b.net), 0) AS "growth.netSales",
    (n.orders - b.orders) / nullif(abs(b.orders), 0)::numeric AS "growth.orders",
    (n.average - b.average) / nullif(abs(b.average), 0) AS "growth.averageOrderValue"
FROM sums n, sums b, length
WHERE n.side = 'now' AND b.side = 'before'
