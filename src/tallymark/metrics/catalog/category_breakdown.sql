/*
title = "Category breakdown"
description = "Sales of each category, its subcategories included, and of what stands in none. The categories at the top (depth 0) sum to the sales overview, and so do the own sales of all."
formula = "netSales = grossSales - discounts - returns, of the category and all below it; share = netSales / net sales of all x 100; margin = (costed sales - cost) / costed sales x 100"
source = "Category performance of the sales analytics documents; every level told, as one tree for each platform"
shape = "rows"
window = "all"
ttl = 600
weight = 5
prewarm = [{}]

[parameters]
depth = { type = "integer", default = 20, min = 0, max = 100, doc = "How far below the top to tell: 0 is the top alone." }

[columns]
category_id = { kind = "id", nullable = true, doc = "The category's id on its platform; null is what stands in none." }
platform = { kind = "id", doc = "Whose category it is." }
name = { kind = "text", doc = "Its name, or its id where it is not known; Uncategorised." }
parent_id = { kind = "id", nullable = true, doc = "The category above; null at the top. Of categories that are each other's parents, the one whose id comes first is at the top." }
depth = { kind = "count", min = 0, doc = "How many categories are above it." }
products = { kind = "count", min = 0, doc = "How many products stand in it and below it, whether they sold or not." }
units = { kind = "count", doc = "Units ordered." }
gross_sales = { kind = "money", doc = "Quantity x unit price." }
discounts = { kind = "money", doc = "Of lines, and their share of those of whole orders." }
returns = { kind = "money", doc = "Refunds: on the day they happen, or on their order's day (`clock`)." }
net_sales = { kind = "money", doc = "grossSales - discounts - returns." }
own_net_sales = { kind = "money", doc = "Of the products that stand in this very category." }
share = { kind = "percent", nullable = true, doc = "Of the net sales of all; unknown where they come to 0." }
profit = { kind = "money", nullable = true, doc = "Of the lines whose cost is known; unknown where none is." }
margin = { kind = "percent", nullable = true, doc = "Profit in percent of the sales of those lines." }

[warnings]
excluded_currency = "Orders in a currency without an exchange rate by then are left out."
cost_coverage = "The cost of some of what was sold is not recorded; profit and margin are of the rest."
*/
-- The whole months nearest to the window, plus the days outside them that belong to it, less the days inside them that do not.
WITH RECURSIVE sold AS (
    SELECT platform, category_id, units, gross, discounts, cost, costed_net, returns, order_returns
    FROM category_month
    WHERE tenant_id = %(tenant)s
      AND month BETWEEN %(months_from)s AND %(months_to)s
      AND (%(platform)s = 'all' OR platform = %(platform)s)
    UNION ALL
    SELECT platform, category_id, units, gross, discounts, cost, costed_net, returns, order_returns
    FROM category_day
    WHERE tenant_id = %(tenant)s
      AND (day BETWEEN %(from)s AND least(%(months_from)s - 1, %(to)s)
        OR day BETWEEN greatest(%(months_to)s + 1, %(from)s) AND %(to)s)
      AND (%(platform)s = 'all' OR platform = %(platform)s)
    UNION ALL
    SELECT platform, category_id, -units, -gross, -discounts, -cost, -costed_net, -returns, -order_returns
    FROM category_day
    WHERE tenant_id = %(tenant)s
      AND (day BETWEEN %(months_from)s AND least(%(from)s - 1, %(months_to)s)
        OR day BETWEEN greatest(%(to)s + 1, %(months_from)s) AND %(months_to)s)
      AND (%(platform)s = 'all' OR platform = %(platform)s)),
-- What stands in each category itself; '' is what stands in none.
own AS (
    SELECT
        platform, category_id, sum(units) AS units, sum(gross) AS gross, sum(discounts) AS discounts, sum(cost) AS cost,
        sum(costed_net) AS costed_net, sum(CASE WHEN %(clock)s = 'order' THEN order_returns ELSE returns END) AS returns
    FROM sold
    GROUP BY platform, category_id
    HAVING sum(units) <> 0 OR sum(gross) <> 0 OR sum(discounts) <> 0 OR sum(cost) <> 0 OR sum(costed_net) <> 0
        OR sum(CASE WHEN %(clock)s = 'order' THEN order_returns ELSE returns END) <> 0),
-- All that is above each category, itself too where the way up leads back to it.
above AS (
    SELECT platform, category_id, parent_id AS ancestor FROM categories WHERE tenant_id = %(tenant)s AND parent_id IS NOT NULL
    UNION
    SELECT a.platform, a.category_id, c.parent_id
    FROM above a
    JOIN categories c ON c.tenant_id = %(tenant)s AND c.platform = a.platform AND c.category_id = a.ancestor
    WHERE c.parent_id IS NOT NULL),
known AS (
    SELECT
        c.platform, c.category_id, c.name,
        CASE WHEN up.category_id IS NOT NULL AND NOT EXISTS (
                SELECT FROM above r
                WHERE r.platform = c.platform AND r.category_id = c.category_id AND r.ancestor = c.category_id
                  AND c.category_id = (
                    SELECT min(a.ancestor) FROM above a WHERE a.platform = c.platform AND a.category_id = c.category_id))
            THEN c.parent_id END AS parent_id
    FROM categories c
    LEFT JOIN categories up ON up.tenant_id = %(tenant)s AND up.platform = c.platform AND up.category_id = c.parent_id
    WHERE c.tenant_id = %(tenant)s
      AND (%(platform)s = 'all' OR c.platform = %(platform)s)
    UNION ALL
    SELECT o.platform, o.category_id, CASE o.category_id WHEN '' THEN 'Uncategorised' ELSE o.category_id END, NULL
    FROM own o
    LEFT JOIN categories c ON c.tenant_id = %(tenant)s AND c.platform = o.platform AND c.category_id = o.category_id
    WHERE c.category_id IS NULL),
-- Each category below itself and below all that is above it.
below AS (
    SELECT platform, category_id, category_id AS top, 0 AS height, parent_id FROM known
    UNION ALL
    SELECT b.platform, b.category_id, k.category_id, b.height + 1, k.parent_id
    FROM below b
    JOIN known k ON k.platform = b.platform AND k.category_id = b.parent_id),
places AS MATERIALIZED (SELECT platform, category_id, max(height) AS depth FROM below GROUP BY platform, category_id),
figures AS MATERIALIZED (
    SELECT
        b.platform, b.top AS category_id, sum(o.units) AS units, sum(o.gross) AS gross,
        sum(o.discounts) AS discounts, sum(o.returns) AS returns, sum(o.gross - o.discounts - o.returns) AS net,
        coalesce(sum(o.gross - o.discounts - o.returns) FILTER (WHERE b.height = 0), 0) AS own_net,
        CASE WHEN sum(o.costed_net) <> 0 OR sum(o.cost) <> 0 THEN sum(o.costed_net) - sum(o.cost) END AS profit,
        (sum(o.costed_net) - sum(o.cost)) * 100 / nullif(sum(o.costed_net), 0) AS margin
    FROM below b
    JOIN own o ON o.platform = b.platform AND o.category_id = b.category_id
    GROUP BY b.platform, b.top),
standing AS MATERIALIZED (
    SELECT b.platform, b.top AS category_id, sum(p.products) AS products
    FROM below b
    JOIN (
        SELECT platform, coalesce(category_id, '') AS category_id, count(*) AS products
        FROM products
        WHERE tenant_id = %(tenant)s
        GROUP BY 1, 2) p ON p.platform = b.platform AND p.category_id = b.category_id
    GROUP BY b.platform, b.top),
left_out AS MATERIALIZED (
    SELECT sum(foreign_orders) AS orders, sum(uncosted_lines) AS uncosted_lines
    FROM sales_day
    WHERE tenant_id = %(tenant)s
      AND day BETWEEN %(from)s AND %(to)s
      AND (%(platform)s = 'all' OR platform = %(platform)s)),
whole AS MATERIALIZED (SELECT sum(gross - discounts) AS sold, sum(costed_net) AS costed, sum(gross - discounts - returns) AS net FROM own)
SELECT
    nullif(k.category_id, '') AS category_id,
    k.platform AS platform,
    k.name AS name,
    k.parent_id AS parent_id,
    p.depth AS depth,
    coalesce(standing.products, 0) AS products,
    f.units AS units,
    f.gross AS gross_sales,
    f.discounts AS discounts,
    f.returns AS returns,
    f.net AS net_sales,
    f.own_net AS own_net_sales,
    f.net * 100 / nullif(whole.net, 0) AS share,
    f.profit AS profit,
    f.margin AS margin,
    CASE WHEN left_out.orders > 0 THEN 'orders left out, in a currency without an exchange rate: ' || left_out.orders END
        AS "warning excluded_currency",
    CASE WHEN left_out.uncosted_lines > 0 THEN 'the cost of ' || coalesce(
        nullif(round(100 - whole.costed * 100 / nullif(whole.sold, 0), 2), 0) || ' %% of sales', 'some of what was sold')
        || ' is not recorded'
    END AS "warning cost_coverage"
FROM figures f
CROSS JOIN whole
CROSS JOIN left_out
JOIN known k ON k.platform = f.platform AND k.category_id = f.category_id
LEFT JOIN standing ON standing.platform = f.platform AND standing.category_id = f.category_id
JOIN places p ON p.platform = f.platform AND p.category_id = f.category_id
WHERE p.depth <= %(depth)s
ORDER BY f.net DESC, p.depth, k.platform, k.category_id
