WITH event AS (
    SELECT a.*, (a.occurred_at AT TIME ZONE %(timezone)s)::date AS day
    FROM activity a
    WHERE a.tenant_id = %(tenant)s AND %(platform)s IN ('all', a.platform)),
placed AS (SELECT * FROM plain_orders WHERE tenant_id = %(tenant)s AND %(platform)s IN ('all', platform)),
counted AS (
    SELECT
        platform,
        EXISTS (SELECT FROM event e WHERE e.platform = p.platform AND e.day <= %(last)s) AS known,
        (SELECT count(*) FROM event e WHERE e.platform = p.platform AND e.day BETWEEN %(first)s AND %(last)s AND kind = 'visit') AS visits,
        (SELECT count(*) FROM event e WHERE e.platform = p.platform AND e.day BETWEEN %(first)s AND %(last)s AND kind = 'view') AS views,
        (SELECT count(*) FROM event e WHERE e.platform = p.platform AND e.day BETWEEN %(first)s AND %(last)s AND kind = 'cart') AS carts,
        (SELECT count(*) FROM event e WHERE e.platform = p.platform AND e.day BETWEEN %(first)s AND %(last)s AND kind = 'checkout') AS checkouts,
        (SELECT count(*) FROM event e WHERE e.platform = p.platform AND e.day BETWEEN %(first)s AND %(last)s AND kind = 'signup') AS signups,
        (SELECT count(*) FROM placed o WHERE o.platform = p.platform AND o.day BETWEEN %(first)s AND %(last)s) AS orders,
        (SELECT count(*) FROM placed o WHERE o.platform = p.platform AND o.day BETWEEN %(first)s AND %(last)s
            AND EXISTS (SELECT FROM event e WHERE e.platform = o.platform AND e.day <= o.day)) AS visit_orders
    FROM (SELECT platform FROM event UNION SELECT platform FROM placed) p)
SELECT
    platform,
    CASE WHEN known THEN visits END AS visits,
    CASE WHEN known THEN views END AS views,
    CASE WHEN known THEN carts END AS carts,
    CASE WHEN known THEN checkouts END AS checkouts,
    CASE WHEN known THEN signups END AS signups,
    orders,
    CASE WHEN known THEN visit_orders END AS "visitOrders",
    visit_orders * 100.0 / nullif(visits, 0) AS conversion
FROM counted
WHERE known OR orders > 0
ORDER BY CASE WHEN known THEN visits END DESC NULLS LAST, orders DESC, platform
