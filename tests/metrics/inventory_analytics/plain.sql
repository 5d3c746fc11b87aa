-- What lay in stock on a day is what was noted last of each product: stock_history is the only record of it.
WITH noted AS (SELECT * FROM stock_history WHERE tenant_id = %(tenant)s AND %(platform)s IN ('all', platform)),
refunded AS (
    SELECT platform, refunded_at, amount, day, order_day, order_local FROM plain_refunds
    WHERE tenant_id = %(tenant)s AND %(platform)s IN ('all', platform)),
placed AS (
    SELECT * FROM plain_orders WHERE tenant_id = %(tenant)s AND %(platform)s IN ('all', platform)),
sides (side, first_day, last_day, until) AS (
    VALUES ('now', %(first)s::date, %(last)s::date, 'infinity'::timestamptz),
           ('before', %(before_first)s, %(before_last)s, %(before_until)s)),
trade AS (
    SELECT side, platform, gross - discounts AS net, shipping + tax AS charges, 1 AS orders, units, 0 AS cost
    FROM sides JOIN placed ON day BETWEEN first_day AND last_day AND placed_at < until
    UNION ALL
    SELECT 'now', platform, 0, 0, 0, 0, cost FROM plain_lines
    WHERE tenant_id = %(tenant)s AND %(platform)s IN ('all', platform) AND day BETWEEN %(first)s AND %(last)s AND cost IS NOT NULL
    UNION ALL
    SELECT side, platform, -amount, 0, 0, 0, 0
    FROM sides JOIN refunded ON CASE WHEN %(clock)s = 'event' THEN day BETWEEN first_day AND last_day AND refunded_at < until
        -- Kept by the hour only.
        ELSE order_day BETWEEN first_day AND last_day AND (
            order_day < last_day OR side = 'now' OR until >= (last_day + 1)::timestamp AT TIME ZONE %(timezone)s
            OR date_trunc('hour', order_local) < date_trunc('hour', until AT TIME ZONE %(timezone)s)) END),
-- A day is known by orders in another currency and by refunds of either clock, too.
seen AS (
    SELECT platform, (placed_at AT TIME ZONE %(timezone)s)::date AS day FROM orders
    WHERE tenant_id = %(tenant)s AND %(platform)s IN ('all', platform) AND status <> 'cancelled' AND NOT test
    UNION SELECT platform, day FROM refunded
    UNION SELECT platform, order_day FROM refunded),
shops AS (
    SELECT 'all' AS platform WHERE %(platform)s = 'all'
    UNION SELECT platform FROM noted
    UNION SELECT platform FROM seen),
span AS (
    SELECT last_day, last_day - CASE WHEN %(first)s > '0001-01-01' THEN %(first)s
        ELSE coalesce((SELECT min(day) FROM seen WHERE day <= %(last)s), last_day) END + 1 AS days
    FROM (SELECT least(%(last)s, (%(as_of)s AT TIME ZONE %(timezone)s)::date) AS last_day) l),
lay AS (
    SELECT p.platform AS shop, d::date AS day, l.*
    FROM span, shops p, generate_series(
        greatest(%(first)s, (SELECT min(day) FROM noted n WHERE p.platform IN ('all', n.platform)))::timestamp, last_day::timestamp, '1 day') d
    CROSS JOIN LATERAL (
        SELECT DISTINCT ON (n.platform, product_id) on_hand, reserved, incoming, unit_cost FROM noted n
        WHERE n.day <= d AND p.platform IN ('all', n.platform) ORDER BY n.platform, product_id, n.day DESC) l),
stock AS (
    SELECT
        shop AS platform, sum(on_hand) FILTER (WHERE day = last_day) AS on_hand, sum(on_hand - reserved) FILTER (WHERE day = last_day) AS available,
        sum(incoming) FILTER (WHERE day = last_day) AS incoming, sum(on_hand * coalesce(unit_cost, 0)) FILTER (WHERE day = last_day) AS value,
        sum(on_hand * coalesce(unit_cost, 0)) / count(DISTINCT day) AS average
    FROM lay, span
    GROUP BY shop),
sums AS (
    SELECT
        p.platform, side, coalesce(sum(net), 0) AS net, coalesce(sum(net + charges), 0) AS total, coalesce(sum(orders), 0) AS orders,
        coalesce(sum(units), 0) AS units, coalesce(sum(cost), 0) AS cost
    FROM shops p CROSS JOIN (VALUES ('now'), ('before')) AS s (side) LEFT JOIN trade t USING (side)
    WHERE t.platform IS NULL OR p.platform IN ('all', t.platform)
    GROUP BY p.platform, side),
figure AS (
    SELECT
        p.platform, coalesce(n.net, 0) AS net, coalesce(n.total, 0) AS total, coalesce(n.orders, 0) AS orders, coalesce(n.units, 0) AS units,
        coalesce(n.cost, 0) AS cost, coalesce(b.net, 0) AS net_b, coalesce(b.total, 0) AS total_b, coalesce(b.orders, 0) AS orders_b, coalesce(b.units, 0) AS units_b
    FROM shops p
    LEFT JOIN (SELECT * FROM sums WHERE side = 'now') n USING (platform)
    LEFT JOIN (SELECT * FROM sums WHERE side = 'before') b USING (platform))
SELECT
    f.platform, total AS "totalSales", net AS "netSales", orders, units,
    CASE WHEN (SELECT total FROM figure WHERE platform = 'all') > 0
        THEN total * 100 / (SELECT total FROM figure WHERE platform = 'all') END AS share,
    (total - total_b) / nullif(abs(total_b), 0) AS "growth.totalSales",
    (net - net_b) / nullif(abs(net_b), 0) AS "growth.netSales",
    (orders - orders_b)::numeric / nullif(abs(orders_b), 0) AS "growth.orders",
    (units - units_b)::numeric / nullif(abs(units_b), 0) AS "growth.units",
    on_hand AS "onHand", available, incoming, value AS "stockValue", average AS "averageValue",
    CASE WHEN average > 0 AND days > 0 THEN cost * 365 / days / average END AS turnover,
    CASE WHEN units + on_hand > 0 THEN 100.0 * units / (units + on_hand) END AS "sellThrough",
    CASE WHEN units > 0 THEN available / (units / days::numeric) END AS "daysOfInventory"
FROM figure f CROSS JOIN span LEFT JOIN stock USING (platform)
ORDER BY f.platform <> 'all', f.platform
