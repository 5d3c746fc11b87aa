WITH sides (side, first_day, last_day, until) AS (
    VALUES ('now', %(first)s::date, %(last)s::date, 'infinity'::timestamptz),
           ('before', %(before_first)s, %(before_last)s, %(before_until)s)),
event AS (
    SELECT side, platform, product_id, units, gross, discounts, net, cost, CASE WHEN cost IS NOT NULL THEN net END AS known,
        0 AS back, 0 AS units_back
    FROM sides JOIN plain_lines ON day BETWEEN first_day AND last_day AND local < until AT TIME ZONE %(timezone)s
    WHERE tenant_id = %(tenant)s AND %(platform)s IN ('all', platform)
    UNION ALL
    SELECT side, platform, product_id, 0, 0, 0, 0, NULL, NULL, amount, quantity
    FROM sides JOIN plain_refunds ON CASE %(clock)s WHEN 'order' THEN order_day ELSE day END BETWEEN first_day AND last_day
    WHERE side = 'now' AND tenant_id = %(tenant)s AND %(platform)s IN ('all', platform)),
sums AS (
    SELECT
        side, platform, product_id, sum(units) AS units, sum(gross) AS gross, sum(discounts) AS discounts, sum(net) AS revenue,
        coalesce(sum(cost), 0) AS cost, coalesce(sum(known), 0) AS known, sum(back) AS back, sum(units_back) AS units_back
    FROM event
    WHERE product_id <> ''
    GROUP BY 1, 2, 3),
told AS (SELECT *, CASE WHEN (known, cost) <> (0, 0) THEN known - cost END AS profit FROM sums)
SELECT
    n.product_id AS "productId", n.platform, coalesce(p.name, n.product_id) AS name, p.category_id AS "categoryId",
    n.units, n.units_back AS "returnedUnits", n.units_back * 100 / nullif(n.units, 0) AS "returnRate", n.gross AS "grossSales", n.discounts,
    n.back AS returns, n.revenue, n.revenue - n.back AS "netSales", n.gross / nullif(n.units, 0) AS "averagePrice",
    n.known * 100 / nullif(n.revenue, 0) AS "costCoverage", n.profit, n.profit * 100 / nullif(n.known, 0) AS "profitMargin",
    n.revenue * 100 / nullif((SELECT sum(net) FROM event WHERE side = 'now'), 0) AS share,
    (n.units - b.units) / nullif(abs(b.units), 0) AS "growth.units",
    (n.revenue - b.revenue) / nullif(abs(b.revenue), 0) AS "growth.revenue",
    (n.profit - b.profit) / nullif(abs(b.profit), 0) AS "growth.profit"
FROM told n
LEFT JOIN told b ON b.side = 'before' AND (b.platform, b.product_id) = (n.platform, n.product_id)
LEFT JOIN products p ON (p.tenant_id, p.platform, p.product_id) = (%(tenant)s, n.platform, n.product_id)
WHERE n.side = 'now' AND (n.units, n.gross, n.back) <> (0, 0, 0) AND %(product_id)s IN ('', n.product_id)
ORDER BY CASE %(sort)s WHEN 'units' THEN n.units WHEN 'profit' THEN n.profit WHEN 'returns' THEN n.back ELSE n.revenue END DESC NULLS LAST,
    n.product_id, n.platform
LIMIT %(limit)s
