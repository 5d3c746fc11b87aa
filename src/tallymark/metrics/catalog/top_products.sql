/*
title = "Top products"
description = "The products that brought most, by revenue, units or profit. What was sold without naming a product is not among them."
formula = "revenue = gross - discounts, returns not taken off; averagePrice = gross / units; profitMargin = (net - cost) / net x 100 over the lines whose cost is known"
source = "On-demand analytics refresh, calculateTopProducts"
shape = "rows"
window = "all"
ttl = 300
weight = 5
prewarm = [{}]
ready = "published"

[parameters]
limit = { type = "integer", default = 10, min = 1, max = 1000, doc = "How many products." }
sort = { type = "text", default = "revenue", allowed = ["revenue", "units", "profit"], doc = "By what; profit is that of the lines whose cost is known." }

[columns]
product_id = { kind = "id", doc = "The product's id on its platform." }
name = { kind = "text", doc = "The product's name, or its id where it has none." }
total_sold = { kind = "count", doc = "Units ordered." }
revenue = { kind = "money", doc = "Gross sales less discounts; returns are not taken off." }
average_price = { kind = "average", nullable = true, doc = "Gross sales / units; unknown without units." }
profit_margin = { kind = "percent", nullable = true, doc = "Of the lines whose cost is known; unknown where none is." }

[warnings]
cost_unknown = "No cost is recorded for some of the products, so their profit margin is unknown."
*/
-- All time is kept, one row a product. Any other window is the whole months nearest to it, plus the days outside them that belong to it,
-- less the days inside them that do not.
WITH kept AS (
    SELECT platform, product_id, units, gross, gross - discounts AS revenue, cost, costed_net
    FROM product_total
    WHERE %(all_time)s
      AND tenant_id = %(tenant)s
      AND (%(platform)s = 'all' OR platform = %(platform)s)
      AND product_id <> ''
      AND (units <> 0 OR gross <> 0)
    ORDER BY
        CASE %(sort)s WHEN 'units' THEN units WHEN 'profit' THEN nullif(costed_net, 0) - cost
            ELSE gross - discounts END DESC NULLS LAST,
        product_id,
        platform
    LIMIT %(limit)s),
sold AS (
    SELECT platform, product_id, units, gross, discounts, cost, costed_net
    FROM product_month
    WHERE NOT %(all_time)s
      AND tenant_id = %(tenant)s
      AND month BETWEEN %(months_from)s AND %(months_to)s
      AND (%(platform)s = 'all' OR platform = %(platform)s)
    UNION ALL
    SELECT platform, product_id, units, gross, discounts, cost, costed_net
    FROM product_day
    WHERE NOT %(all_time)s
      AND tenant_id = %(tenant)s
      AND (day BETWEEN %(from)s AND %(months_from)s - 1 OR day BETWEEN %(months_to)s + 1 AND %(to)s)
      AND (%(platform)s = 'all' OR platform = %(platform)s)
    UNION ALL
    SELECT platform, product_id, -units, -gross, -discounts, -cost, -costed_net
    FROM product_day
    WHERE NOT %(all_time)s
      AND tenant_id = %(tenant)s
      AND (day BETWEEN %(months_from)s AND %(from)s - 1 OR day BETWEEN %(to)s + 1 AND %(months_to)s)
      AND (%(platform)s = 'all' OR platform = %(platform)s)),
added AS (
    SELECT
        platform,
        product_id,
        sum(units) AS units,
        sum(gross) AS gross,
        sum(gross - discounts) AS revenue,
        sum(cost) AS cost,
        sum(costed_net) AS costed_net
    FROM sold
    WHERE product_id <> ''
    GROUP BY platform, product_id
    HAVING sum(units) <> 0 OR sum(gross) <> 0
    ORDER BY
        CASE %(sort)s WHEN 'units' THEN sum(units) WHEN 'profit' THEN nullif(sum(costed_net), 0) - sum(cost)
            ELSE sum(gross - discounts) END DESC NULLS LAST,
        product_id,
        platform
    LIMIT %(limit)s),
top AS (SELECT * FROM kept UNION ALL SELECT * FROM added)
SELECT
    top.product_id AS product_id,
    coalesce(products.name, top.product_id) AS name,
    top.units AS total_sold,
    top.revenue AS revenue,
    top.gross / nullif(top.units, 0) AS average_price,
    (top.costed_net - top.cost) * 100 / nullif(top.costed_net, 0) AS profit_margin,
    CASE WHEN count(*) FILTER (WHERE top.costed_net = 0) OVER () > 0
        THEN 'products without a recorded cost, so without a profit margin: ' || count(*) FILTER (WHERE top.costed_net = 0) OVER ()
    END AS "warning cost_unknown"
FROM top
LEFT JOIN products
    ON products.tenant_id = %(tenant)s
    AND products.platform = top.platform AND products.product_id = top.product_id
ORDER BY
    CASE %(sort)s WHEN 'units' THEN top.units WHEN 'profit' THEN nullif(top.costed_net, 0) - top.cost
        ELSE top.revenue END DESC NULLS LAST,
    top.product_id,
    top.platform
