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

[with.best_products]
asked = "true"
likely = "true"
of = "product_id <> ''"
at_most = "CASE %(sort)s WHEN 'units' THEN units WHEN 'profit' THEN costed_net ELSE gross - discounts END"
kept = "units <> 0 OR gross <> 0"
place = "CASE %(sort)s WHEN 'units' THEN units WHEN 'profit' THEN CASE WHEN costed_net <> 0 OR cost <> 0 THEN costed_net - cost END ELSE gross - discounts END"
tie = "NULL::numeric"
more = "SELECT NULL, NULL WHERE false"

[columns]
product_id = { kind = "id", doc = "The product's id on its platform." }
platform = { kind = "id", doc = "The product's platform." }
name = { kind = "text", doc = "The product's name, or its id where it has none." }
total_sold = { kind = "count", doc = "Units ordered." }
revenue = { kind = "money", doc = "Gross sales less discounts; returns are not taken off." }
average_price = { kind = "average", nullable = true, doc = "Gross sales / units; unknown without units." }
profit = { kind = "money", nullable = true, doc = "Net sales less cost of the lines whose cost is known; unknown where none is." }
profit_margin = { kind = "percent", nullable = true, doc = "Of the lines whose cost is known; unknown where none is." }

[warnings]
cost_unknown = "No cost is recorded for some of the products, so their profit margin is unknown."
*/
WITH top AS (
    SELECT
        *,
        gross - discounts AS revenue,
        CASE WHEN costed_net <> 0 OR cost <> 0 THEN costed_net - cost END AS profit
    FROM best_products)
SELECT
    top.product_id AS product_id,
    top.platform AS platform,
    coalesce(products.name, top.product_id) AS name,
    top.units AS total_sold,
    top.revenue AS revenue,
    top.gross / nullif(top.units, 0) AS average_price,
    top.profit AS profit,
    top.profit * 100 / nullif(top.costed_net, 0) AS profit_margin,
    CASE WHEN count(*) FILTER (WHERE top.profit IS NULL) OVER () > 0
        THEN 'products without a recorded cost, so without a profit margin: ' || count(*) FILTER (WHERE top.profit IS NULL) OVER ()
    END AS "warning cost_unknown"
FROM top
LEFT JOIN products
    ON products.tenant_id = %(tenant)s
    AND products.platform = top.platform AND products.product_id = top.product_id
ORDER BY
    CASE %(sort)s WHEN 'units' THEN top.units WHEN 'profit' THEN top.profit ELSE top.revenue END DESC NULLS LAST, top.product_id, top.platform
