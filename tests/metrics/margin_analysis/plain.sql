WITH event AS (
    SELECT platform, product_id, customer_id, sales_rep_id, day, units, gross, discounts, 0 AS back, cost, CASE WHEN cost IS NOT NULL THEN net END AS known
    FROM plain_lines WHERE tenant_id = %(tenant)s AND %(platform)s IN ('all', platform) AND day BETWEEN %(first)s AND %(last)s
    UNION ALL
    SELECT platform, product_id, customer_id, sales_rep_id, CASE %(clock)s WHEN 'order' THEN order_day ELSE day END, 0, 0, 0, amount, NULL, NULL
    FROM plain_refunds
    WHERE tenant_id = %(tenant)s AND %(platform)s IN ('all', platform)
      AND CASE %(clock)s WHEN 'order' THEN order_day ELSE day END BETWEEN %(first)s AND %(last)s),
grouped AS (
    SELECT
        CASE %(group_by)s WHEN 'product' THEN nullif(e.product_id, '') WHEN 'category' THEN p.category_id WHEN 'platform' THEN e.platform
            WHEN 'segment' THEN nullif(b.segment, '') WHEN 'representative' THEN e.sales_rep_id
            ELSE to_char(e.day, 'YYYY-MM') END AS id,
        CASE WHEN %(group_by)s <> 'month' THEN e.platform END AS platform,
        CASE %(group_by)s WHEN 'product' THEN p.name WHEN 'category' THEN c.name WHEN 'representative' THEN r.name END AS name,
        e.units, e.gross, e.discounts, e.back, e.cost, e.known
    FROM event e
    LEFT JOIN products p ON (p.tenant_id, p.platform, p.product_id) = (%(tenant)s, e.platform, e.product_id)
    LEFT JOIN categories c ON (c.tenant_id, c.platform, c.category_id) = (%(tenant)s, e.platform, p.category_id)
    LEFT JOIN customers b ON (b.tenant_id, b.platform, b.customer_id) = (%(tenant)s, e.platform, e.customer_id)
    LEFT JOIN sales_reps r ON (r.tenant_id, r.platform, r.sales_rep_id) = (%(tenant)s, e.platform, e.sales_rep_id)),
sums AS (
    SELECT
        id, platform, coalesce(name, id) AS name, sum(units) AS units, sum(gross) AS gross, sum(discounts) AS discounts, sum(back) AS back,
        sum(gross - discounts - back) AS net, coalesce(sum(cost), 0) AS cost, coalesce(sum(known), 0) AS known
    FROM grouped
    GROUP BY id, platform, coalesce(name, id)),
told AS (
    SELECT *, CASE WHEN (known, cost) <> (0, 0) THEN known - cost END AS profit, (known - cost) * 100 / nullif(known, 0) AS margin
    FROM sums WHERE (units, gross, discounts, back, cost) <> (0, 0, 0, 0, 0))
SELECT
    id AS "groupId", platform, name, units, gross AS "grossSales", discounts, back AS returns, net AS "netSales", known AS "costedSales",
    cost, known * 100 / nullif(gross - discounts, 0) AS "costCoverage", profit, margin
FROM told
ORDER BY CASE %(sort)s WHEN 'profit' THEN profit WHEN 'margin' THEN margin ELSE net END DESC NULLS LAST, net DESC,
    id COLLATE "C" NULLS LAST, platform
LIMIT %(limit)s
