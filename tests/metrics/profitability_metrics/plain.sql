WITH placed AS (
    SELECT * FROM plain_orders WHERE tenant_id = %(tenant)s AND %(platform)s IN ('all', platform) AND day BETWEEN %(first)s AND %(last)s),
costed AS (
    -- A line that holds the discount of an order and no goods has no cost to know.
    SELECT sum(cost) AS cost, sum(net) FILTER (WHERE cost IS NOT NULL) AS known,
        coalesce(bool_or(cost IS NOT NULL AND units <> 0), false) AS told, coalesce(bool_and(cost IS NOT NULL OR units = 0), true) AS covered
    FROM plain_lines
    WHERE tenant_id = %(tenant)s AND %(platform)s IN ('all', platform) AND day BETWEEN %(first)s AND %(last)s),
sums AS (
    SELECT
        (SELECT coalesce(sum(gross), 0) FROM placed) AS gross, (SELECT coalesce(sum(discounts), 0) FROM placed) AS discounts,
        (SELECT coalesce(sum(shipping), 0) FROM placed) AS shipping,
        (SELECT coalesce(sum(amount), 0) FROM plain_refunds
         WHERE tenant_id = %(tenant)s AND %(platform)s IN ('all', platform)
           AND CASE %(clock)s WHEN 'order' THEN order_day ELSE day END BETWEEN %(first)s AND %(last)s) AS back,
        (SELECT coalesce(sum(amount), 0) FROM plain_expenses
         WHERE tenant_id = %(tenant)s AND %(platform)s IN ('all', platform) AND day BETWEEN %(first)s AND %(last)s) AS spent,
        coalesce(cost, 0) AS cost, coalesce(known, 0) AS known, told, covered
    FROM costed),
told AS (
    SELECT *, gross - discounts - back AS net, CASE WHEN covered THEN gross - discounts - back - cost END AS margin FROM sums)
SELECT
    gross AS "grossSales", discounts, back AS returns, net AS "netSales", known AS "costedSales", cost AS "costOfGoods",
    known * 100 / nullif(gross - discounts, 0) AS "costCoverage", CASE WHEN told THEN known - cost END AS "grossProfit",
    (known - cost) * 100 / nullif(known, 0) AS "grossMargin", margin AS "contributionMargin", shipping, spent AS expenses,
    margin + shipping - spent AS "netProfit", (margin + shipping - spent) * 100 / nullif(net, 0) AS "netMargin",
    net + shipping - spent AS "profitBeforeGoods"
FROM told
