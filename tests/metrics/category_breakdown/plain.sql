WITH RECURSIVE product_of AS (
    SELECT platform, product_id, units, gross, discounts, 0 AS back, cost, CASE WHEN cost IS NOT NULL THEN net END AS known
    FROM plain_lines WHERE tenant_id = %(tenant)s AND %(platform)s IN ('all', platform) AND day BETWEEN %(first)s AND %(last)s
    UNION ALL
    SELECT platform, product_id, 0, 0, 0, amount, NULL, NULL FROM plain_refunds
    WHERE tenant_id = %(tenant)s AND %(platform)s IN ('all', platform)
      AND CASE %(clock)s WHEN 'order' THEN order_day ELSE day END BETWEEN %(first)s AND %(last)s),
own AS (
    SELECT
        e.platform, coalesce(p.category_id, '') AS category_id, sum(units) AS units, sum(gross) AS gross, sum(discounts) AS discounts,
        sum(back) AS back, coalesce(sum(e.cost), 0) AS cost, coalesce(sum(known), 0) AS known
    FROM product_of e LEFT JOIN (SELECT * FROM products WHERE tenant_id = %(tenant)s) p USING (platform, product_id)
    GROUP BY 1, 2
    HAVING (sum(units), sum(gross), sum(discounts), sum(back), coalesce(sum(e.cost), 0), coalesce(sum(known), 0)) <> (0, 0, 0, 0, 0, 0)),
-- The way from each category up, as far as it leads: to one without a parent, to one that is not known, or to where it began.
way AS (
    SELECT platform, category_id, parent_id, ARRAY[category_id] AS ids FROM categories WHERE tenant_id = %(tenant)s
    UNION ALL
    SELECT w.platform, w.category_id, c.parent_id, w.ids || c.category_id
    FROM way w JOIN categories c ON (c.tenant_id, c.platform, c.category_id) = (%(tenant)s, w.platform, w.parent_id)
    WHERE c.category_id <> ALL (w.ids)),
longest AS (SELECT DISTINCT ON (platform, category_id) * FROM way ORDER BY platform, category_id, cardinality(ids) DESC),
-- Where it leads into a circle, it ends at the first of the circle by id.
ended AS (
    SELECT platform, category_id, CASE WHEN parent_id = ANY (ids) THEN ids[:array_position(ids, (
        SELECT min(id) FROM unnest(ids[array_position(ids, parent_id):]) id))] ELSE ids END AS ids
    FROM longest),
places AS (
    SELECT platform, category_id, ids FROM ended
    UNION
    SELECT platform, category_id, ARRAY[category_id] FROM own
    WHERE NOT EXISTS (SELECT FROM ended e WHERE (e.platform, e.category_id) = (own.platform, own.category_id))),
sums AS (
    SELECT
        p.platform, top AS category_id, sum(units) AS units, sum(gross) AS gross,
        sum(discounts) AS discounts, sum(back) AS back, sum(gross - discounts - back) AS net,
        coalesce(sum(gross - discounts - back) FILTER (WHERE o.category_id = top), 0) AS own_net,
        sum(cost) AS cost, sum(known) AS known
    FROM own o JOIN places p USING (platform, category_id), unnest(p.ids) top
    GROUP BY 1, 2)
SELECT
    nullif(category_id, '') AS "categoryId", platform,
    coalesce((SELECT c.name FROM categories c WHERE (c.tenant_id, c.platform, c.category_id) = (%(tenant)s, s.platform, s.category_id)),
        nullif(category_id, ''), 'Uncategorised') AS name,
    ids[2] AS "parentId", cardinality(ids) - 1 AS depth, (
        SELECT count(*) FROM products d JOIN places l ON (l.platform, l.category_id) = (d.platform, coalesce(d.category_id, ''))
        WHERE d.tenant_id = %(tenant)s AND d.platform = s.platform AND s.category_id = ANY (l.ids)) AS products,
    units, gross AS "grossSales", discounts, back AS returns, net AS "netSales", own_net AS "ownNetSales", net * 100 / nullif((SELECT sum(gross - discounts - back) FROM own), 0) AS share,
    CASE WHEN (known, cost) <> (0, 0) THEN known - cost END AS profit, (known - cost) * 100 / nullif(known, 0) AS margin
FROM sums s JOIN places USING (platform, category_id)
WHERE cardinality(ids) - 1 <= %(depth)s
ORDER BY net DESC, depth, platform, category_id
