-- What lay in stock on a day is what was noted last of each product: stock_history is the only record of it.
WITH noted AS (SELECT * FROM stock_history WHERE tenant_id = %(tenant)s AND %(platform)s IN ('all', platform)),
days AS (
    SELECT d::date AS day
    FROM generate_series(
        CASE WHEN %(first)s > '0001-01-01' THEN %(first)s ELSE (SELECT min(day) FROM noted) END::timestamp,
        least(%(last)s, (%(as_of)s AT TIME ZONE %(timezone)s)::date)::timestamp, '1 day') d)
SELECT
    days.day, CASE WHEN count(l.on_hand) > 0 THEN count(*) FILTER (WHERE l.on_hand > 0) END AS "productsInStock", sum(l.on_hand) AS "onHand",
    sum(l.reserved) AS reserved, sum(l.on_hand - l.reserved) AS available, sum(l.incoming) AS incoming,
    sum(l.on_hand * coalesce(l.unit_cost, 0)) AS "stockValue"
FROM days
LEFT JOIN LATERAL (
    SELECT DISTINCT ON (platform, product_id) * FROM noted WHERE noted.day <= days.day ORDER BY platform, product_id, noted.day DESC) l ON true
GROUP BY days.day
ORDER BY days.day
