WITH event AS (
    SELECT a.*, (a.occurred_at AT TIME ZONE %(timezone)s)::date AS day
    FROM activity a
    WHERE a.tenant_id = %(tenant)s AND %(platform)s IN ('all', a.platform)),
placed AS (SELECT * FROM plain_orders WHERE tenant_id = %(tenant)s AND %(platform)s IN ('all', platform)),
-- A day with nothing but orders that do not count is the first of which something is known, too.
begins AS (
    SELECT CASE WHEN %(first)s > '0001-01-01' THEN %(first)s ELSE least(
        (SELECT min(day) FROM event),
        (SELECT min(day) FROM placed),
        (SELECT min((placed_at AT TIME ZONE %(timezone)s)::date) FROM orders o
         WHERE o.tenant_id = %(tenant)s AND %(platform)s IN ('all', platform) AND status <> 'cancelled' AND NOT test),
        (SELECT min(least(day, order_day)) FROM plain_refunds WHERE tenant_id = %(tenant)s AND %(platform)s IN ('all', platform))) END AS day),
days AS (SELECT d::date AS day FROM begins, generate_series(begins.day::timestamp, %(last)s::timestamp, '1 day') d)
SELECT
    day,
    CASE WHEN known THEN (SELECT count(*) FROM event e WHERE e.day = d.day) END AS events,
    CASE WHEN known THEN (SELECT count(DISTINCT (platform, visitor_id)) FROM event e WHERE e.day = d.day AND visitor_id <> '') END AS visitors,
    CASE WHEN known THEN (SELECT count(DISTINCT (platform, user_id)) FROM event e WHERE e.day = d.day AND user_id <> '') END AS users,
    CASE WHEN known THEN (SELECT count(*) FROM event e WHERE e.day = d.day AND kind = 'visit') END AS visits,
    CASE WHEN known THEN (SELECT count(*) FROM event e WHERE e.day = d.day AND kind = 'view') END AS views,
    CASE WHEN known THEN (SELECT count(*) FROM event e WHERE e.day = d.day AND kind = 'cart') END AS carts,
    CASE WHEN known THEN (SELECT count(*) FROM event e WHERE e.day = d.day AND kind = 'checkout') END AS checkouts,
    CASE WHEN known THEN (SELECT count(*) FROM event e WHERE e.day = d.day AND kind = 'signup') END AS signups,
    (SELECT count(*) FROM placed p WHERE p.day = d.day) AS orders,
    CASE WHEN known THEN visit_orders END AS "visitOrders",
    visit_orders * 100.0 / nullif((SELECT count(*) FROM event e WHERE e.day = d.day AND kind = 'visit'), 0) AS conversion
FROM (SELECT day, EXISTS (SELECT FROM event e WHERE e.day <= days.day) AS known FROM days) d
CROSS JOIN LATERAL (
    SELECT count(*) AS visit_orders FROM placed p
    WHERE p.day = d.day AND EXISTS (SELECT FROM event e WHERE e.platform = p.platform AND e.day <= p.day)) v
ORDER BY day
