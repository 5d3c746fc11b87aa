WITH people AS (
    SELECT
        o.platform, o.customer_id, count(*) AS orders, max(o.day) AS last_day,
        sum(o.gross - o.discounts) - coalesce((
            SELECT sum(r.amount) FROM plain_refunds r
            WHERE (r.tenant_id, r.platform, r.customer_id) = (%(tenant)s, o.platform, o.customer_id)), 0) AS net,
        (SELECT c.segment FROM customers c
         WHERE (c.tenant_id, c.platform, c.customer_id) = (%(tenant)s, o.platform, o.customer_id)) AS stored
    FROM plain_orders o
    WHERE o.tenant_id = %(tenant)s AND %(platform)s IN ('all', o.platform) AND o.customer_id IS NOT NULL
    GROUP BY o.platform, o.customer_id),
scores AS (
    SELECT
        p.*,
        (SELECT 1 + floor(5.0 * count(*) FILTER (WHERE q.last_day < p.last_day) / count(*)) FROM people q WHERE q.platform = p.platform) AS r,
        (SELECT 1 + floor(5.0 * count(*) FILTER (WHERE q.orders < p.orders) / count(*)) FROM people q WHERE q.platform = p.platform) AS f,
        (SELECT 1 + floor(5.0 * count(*) FILTER (WHERE q.net < p.net) / count(*)) FROM people q WHERE q.platform = p.platform) AS m
    FROM people p),
groups (n, segment, least_r, most_r, least_fm, below_fm) AS (VALUES
    (1, 'champions', 4, 5, 4, 9), (2, 'loyal', 4, 5, 3, 4), (2, 'loyal', 3, 3, 3, 9), (3, 'promising', 4, 5, 2, 3), (4, 'new', 4, 5, 0, 2),
    (5, 'needs_attention', 3, 3, 2, 3), (6, 'almost_lost', 3, 3, 0, 2), (7, 'at_risk', 1, 2, 4, 9),
    (8, 'previously_loyal', 1, 2, 3, 4), (9, 'dormant', 1, 2, 0, 3)),
placed AS (
    SELECT n, g.segment, s.* FROM groups g
    LEFT JOIN scores s ON r BETWEEN least_r AND most_r AND (f + m) / 2 >= least_fm AND (f + m) / 2 < below_fm
        AND (SELECT count(*) FROM people q WHERE q.platform = s.platform) >= %(population)s
    WHERE %(by)s = 'rfm'
    UNION ALL
    SELECT 0, stored, s.* FROM scores s WHERE %(by)s = 'stored'),
summed AS (
    SELECT
        n, segment, count(orders) AS customers, coalesce(sum(orders), 0) AS orders, coalesce(sum(net), 0) AS net, avg(net) AS value,
        avg(orders) AS often, avg((%(as_of)s AT TIME ZONE %(timezone)s)::date - last_day) AS since,
        sum(count(orders)) OVER () AS everybody, sum(coalesce(sum(net), 0)) OVER () AS all_sales
    FROM placed
    GROUP BY n, segment)
SELECT
    segment AS segment,
    CASE WHEN everybody > 0 THEN customers END AS customers,
    customers * 100 / nullif(everybody, 0) AS "customerShare",
    CASE WHEN everybody > 0 THEN orders END AS orders,
    CASE WHEN everybody > 0 THEN net END AS "netSales",
    net * 100 / nullif(all_sales, 0) AS "salesShare",
    value AS "averageValue",
    often AS "averageOrders",
    since AS "averageDaysSince"
FROM summed
ORDER BY n, customers DESC, segment NULLS LAST
