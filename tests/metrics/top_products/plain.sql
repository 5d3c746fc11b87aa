SELECT
    product_id AS "productId",
    platform AS platform,
    coalesce((SELECT p.name FROM products p WHERE (p.tenant_id, p.platform, p.product_id) = (%(tenant)s, l.platform, l.product_id)), product_id) AS name,
    sum(units) AS "totalSold",
    sum(net) AS revenue,
    sum(gross) / nullif(sum(units), 0) AS "averagePrice",
    nullif(sum(net) FILTER (WHERE cost IS NOT NULL), 0) - sum(cost) AS profit,
    sum(net - cost) * 100 / nullif(sum(net) FILTER (WHERE cost IS NOT NULL), 0) AS "profitMargin"
FROM plain_lines l
WHERE tenant_id = %(tenant)s AND %(platform)s IN ('all', platform) AND day BETWEEN %(first)s AND %(last)s AND product_id <> ''
GROUP BY platform, product_id
HAVING sum(units) <> 0 OR sum(gross) <> 0
ORDER BY CASE %(sort)s WHEN 'units' THEN sum(units) WHEN 'revenue' THEN sum(net) 
    ELSE nullif(sum(net) FILTER (WHERE cost IS NOT NULL), 0) - sum(cost) END DESC NULLS LAST, product_id, platform
LIMIT %(limit)s
