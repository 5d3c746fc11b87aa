WITH event AS (
    SELECT platform, product_id, kind, (occurred_at AT TIME ZONE %(timezone)s)::date AS day FROM activity WHERE tenant_id = %(tenant)s),
line AS (
    SELECT *, (SELECT min(e.day) FROM event e WHERE e.platform = l.platform) AS since
    FROM plain_lines l
    WHERE tenant_id = %(tenant)s AND %(platform)s IN ('all', platform) AND day BETWEEN %(first)s AND %(last)s AND product_id <> ''),
item AS (
    SELECT platform, product_id FROM line
    UNION
    SELECT platform, product_id FROM event
    WHERE kind IN ('view', 'cart', 'checkout') AND product_id <> '' AND %(platform)s IN ('all', platform) AND day BETWEEN %(first)s AND %(last)s),
figure AS (
    SELECT
        i.*,
        (SELECT coalesce(sum(l.units), 0) FROM line l WHERE (l.platform, l.product_id) = (i.platform, i.product_id)) AS units,
        (SELECT coalesce(sum(l.net), 0) FROM line l WHERE (l.platform, l.product_id) = (i.platform, i.product_id)) AS revenue,
        (SELECT count(*) FROM line l WHERE (l.platform, l.product_id) = (i.platform, i.product_id) AND l.day >= l.since) AS lines,
        (SELECT count(*) FROM event e WHERE (e.platform, e.product_id, e.kind) = (i.platform, i.product_id, 'view')
            AND e.day BETWEEN %(first)s AND %(last)s) AS views,
        (SELECT count(*) FROM event e WHERE (e.platform, e.product_id, e.kind) = (i.platform, i.product_id, 'cart')
            AND e.day BETWEEN %(first)s AND %(last)s) AS carts,
        EXISTS (SELECT FROM event e WHERE e.platform = i.platform AND e.day <= %(last)s) AS known
    FROM item i)
SELECT
    product_id AS "productId", platform, coalesce(p.name, product_id) AS name, units, revenue,
    CASE WHEN known THEN views END AS views,
    CASE WHEN known THEN carts END AS carts,
    carts * 100.0 / nullif(views, 0) AS "cartRate",
    lines * 100.0 / nullif(views, 0) AS conversion
FROM figure f LEFT JOIN (SELECT platform, product_id, name FROM products WHERE tenant_id = %(tenant)s) p USING (platform, product_id)
WHERE CASE %(sort)s WHEN 'views' THEN views <> 0 OR carts <> 0 ELSE units <> 0 OR revenue <> 0 END
ORDER BY CASE %(sort)s WHEN 'units' THEN units WHEN 'views' THEN views ELSE revenue END DESC, product_id, platform
LIMIT %(limit)s
