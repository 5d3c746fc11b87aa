-- What lay in stock on a day is what was noted last of each product: stock_history is the only record of it.
WITH noted AS (SELECT * FROM stock_history WHERE tenant_id = %(tenant)s AND %(platform)s IN ('all', platform)),
line AS (
    SELECT * FROM plain_lines WHERE tenant_id = %(tenant)s AND %(platform)s IN ('all', platform) AND day BETWEEN %(first)s AND %(last)s),
span AS (
    SELECT *, last_day - CASE WHEN %(first)s > '0001-01-01' THEN %(first)s ELSE begins END + 1 AS days
    FROM (
        SELECT least(%(last)s, (%(as_of)s AT TIME ZONE %(timezone)s)::date) AS last_day,
            coalesce((
                SELECT min(day) FROM (
                    SELECT (placed_at AT TIME ZONE %(timezone)s)::date AS day FROM orders
                    WHERE tenant_id = %(tenant)s AND %(platform)s IN ('all', platform) AND status <> 'cancelled' AND NOT test
                    UNION SELECT day FROM plain_refunds WHERE tenant_id = %(tenant)s AND %(platform)s IN ('all', platform)
                    UNION SELECT order_day FROM plain_refunds WHERE tenant_id = %(tenant)s AND %(platform)s IN ('all', platform)) d
                WHERE day <= %(last)s), least(%(last)s, (%(as_of)s AT TIME ZONE %(timezone)s)::date)) AS begins) s),
lay AS (
    SELECT d::date AS day, l.*
    FROM span, generate_series(greatest(%(first)s, (SELECT min(day) FROM noted))::timestamp, last_day::timestamp, '1 day') d
    CROSS JOIN LATERAL (
        SELECT DISTINCT ON (platform, product_id) * FROM noted WHERE noted.day <= d ORDER BY platform, product_id, noted.day DESC
    ) l (tenant_id, platform, product_id, noted_on, on_hand, reserved, incoming, unit_cost)),
at_end AS (
    SELECT count(*) FILTER (WHERE on_hand > 0) AS products, sum(on_hand) AS on_hand, sum(reserved) AS reserved, sum(incoming) AS incoming,
        sum(on_hand * coalesce(unit_cost, 0)) AS value
    FROM lay, span WHERE day = last_day HAVING count(*) > 0),
average AS (SELECT sum(on_hand * coalesce(unit_cost, 0)) / count(DISTINCT day) AS value FROM lay HAVING count(*) > 0),
sold AS (
    SELECT coalesce(sum(units), 0) AS units, coalesce(sum(cost), 0) AS cost, coalesce(sum(net) FILTER (WHERE cost IS NOT NULL), 0) AS net FROM line)
SELECT
    products AS "productsInStock", on_hand AS "onHand", reserved, on_hand - reserved AS available, incoming, e.value AS "stockValue",
    a.value AS "averageValue", units AS "unitsSold", cost AS "costOfGoodsSold",
    CASE WHEN a.value > 0 AND days > 0 THEN cost * 365 / days / a.value END AS turnover,
    CASE WHEN units + on_hand > 0 THEN 100.0 * units / (units + on_hand) END AS "sellThrough",
    CASE WHEN units > 0 AND days > 0 THEN (on_hand - reserved) / (units / days::numeric) END AS "daysOfInventory",
    CASE WHEN a.value > 0 THEN (net - cost) / a.value END AS gmroi
FROM sold CROSS JOIN span LEFT JOIN at_end e ON true LEFT JOIN average a ON true
