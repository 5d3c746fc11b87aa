WITH placed AS (
    SELECT * FROM plain_orders WHERE tenant_id = %(tenant)s AND %(platform)s IN ('all', platform) AND day BETWEEN %(first)s AND %(last)s),
costed AS (
    -- Known by the day: net without a cost that comes to nothing within a platform's day is not missed.
    SELECT sum(cost) AS cost, sum(known) AS known, coalesce(bool_and(known = net), true) AS covered
    FROM (
        SELECT sum(net) AS net, coalesce(sum(net) FILTER (WHERE cost IS NOT NULL), 0) AS known, sum(cost) AS cost FROM plain_lines
        WHERE tenant_id = %(tenant)s AND %(platform)s IN ('all', platform) AND day BETWEEN %(first)s AND %(last)s
        GROUP BY day, platform) days),
sums AS (
    SELECT
        (SELECT coalesce(sum(gross), 0) FROM placed) AS gross, (SELECT coalesce(sum(discounts), 0) FROM placed) AS discounts,
        (SELECT coalesce(sum(shipping), 0) FROM placed) AS shipping,
        (SELECT coalesce(sum(amount), 0) FROM plain_refunds
         WHERE tenant_id = %(tenant)s AND %(platform)s IN ('all', platform)
           AND CASE %(clock)s WHEN 'order' THEN order_day ELSE day END BETWEEN %(first)s AND %(last)s) AS back,
        (SELECT coalesce(sum(amount), 0) FROM plain_expenses
         WHERE tenant_id = %(tenant)s AND %(platform)s IN ('all', platform) AND day BETWEEN %(first)s AND %(last)s) AS spent,
        coalesce(cost, 0) AS cost, coalesce(known, 0) AS known, covered
    FROM costed),
told AS (
    SELECT *, gross - discounts - back AS net, CASE WHEN covered THEN gross - discounts - back - cost END AS margin FROM sums)
SELECT
    gross AS "grossSales", discounts, back AS returns, net AS "netSales", known AS "costedSales", cost AS "costOfGoods",
    known * 100 / nullif(gross - discounts, 0) AS "costCoverage", CASE WHEN (known, cost) <> (0, 0) THEN known - cost END AS "grossProfit",
    (known - cost) * 100 / nullif(known, 0) AS "grossMargin", margin AS "contributionMargin", shipping, spent AS expenses,
    margin + shipping - spent AS "netProfit", (margin + shipping - spent) * 100 / nullif(net, 0) AS "netMargin",
    net + shipping - spent AS "profitBeforeGoods"
FROM told
