WITH sums AS (
    SELECT
        platform, product_id, sum(units) AS units, sum(gross) AS gross, sum(net) AS net, coalesce(sum(cost), 0) AS cost,
        coalesce(sum(net) FILTER (WHERE cost IS NOT NULL), 0) AS known
    FROM plain_lines
    WHERE tenant_id = %(tenant)s AND %(platform)s IN ('all', platform) AND day BETWEEN %(first)s AND %(last)s AND product_id <> ''
    GROUP BY platform, product_id),
told AS (SELECT *, CASE WHEN (known, cost) <> (0, 0) THEN known - cost END AS profit FROM sums WHERE (units, gross) <> (0, 0))
SELECT
    product_id AS "productId",
    platform AS platform,
    coalesce((SELECT p.name FROM products p WHERE (p.tenant_id, p.platform, p.product_id) = (%(tenant)s, t.platform, t.product_id)), product_id) AS name,
    units AS "totalSold",
    net AS revenue,
    gross / nullif(units, 0) AS "averagePrice",
    profit,
    profit * 100 / nullif(known, 0) AS "profitMargin"
FROM told t
ORDER BY CASE %(sort)s WHEN 'units' THEN units WHEN 'revenue' THEN net ELSE profit END DESC NULLS LAST, product_id, platform
LIMIT %(limit)s
