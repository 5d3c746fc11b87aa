/*
title = "Top items"
description = "The products most sold or most looked at, with how often they were put into a cart and how many looks became order lines."
formula = "cartRate = carts / views x 100; conversion = order lines / views x 100, both since the platform's visits are known"
source = "Analytics background jobs, top items"
shape = "rows"
window = "trailing 30 days"
ttl = 900
weight = 5
prewarm = [{}, { limit = 20 }, { limit = 50 }]

[parameters]
limit = { type = "integer", default = 10, min = 1, max = 200, doc = "How many products." }
sort = { type = "text", default = "units", allowed = ["units", "revenue", "views"], doc = "By what, the most first." }

[columns]
product_id = { kind = "id", doc = "The product's id on its platform." }
platform = { kind = "id", doc = "The platform." }
name = { kind = "text", doc = "The product's name, or its id where it has none." }
units = { kind = "count", doc = "Units ordered." }
revenue = { kind = "money", doc = "Gross sales less discounts." }
views = { kind = "count", nullable = true, min = 0, doc = "Looks; unknown where the platform's visits are." }
carts = { kind = "count", nullable = true, min = 0, doc = "Times put into a cart; likewise." }
cart_rate = { kind = "percent", nullable = true, doc = "Carts per hundred views; unknown without views." }
conversion = { kind = "percent", nullable = true, doc = "Order lines per hundred views; unknown without views." }

[warnings]
incomplete_period = "Visits are not known for all of the window."
*/
WITH known AS (
    SELECT platform, min(day) AS since
    FROM activity_day
    WHERE tenant_id = %(tenant)s AND kind = 'all' AND (%(platform)s = 'all' OR platform = %(platform)s)
    GROUP BY platform),
parts AS (
    SELECT platform, product_id, units, gross - discounts AS revenue, 0 AS views, 0 AS carts
    FROM product_month
    WHERE tenant_id = %(tenant)s
      AND month BETWEEN %(months_from)s AND %(months_to)s
      AND (%(platform)s = 'all' OR platform = %(platform)s)
    UNION ALL
    SELECT platform, product_id, units, gross - discounts, 0, 0
    FROM product_day
    WHERE tenant_id = %(tenant)s
      AND (day BETWEEN %(from)s AND least(%(months_from)s - 1, %(to)s)
        OR day BETWEEN greatest(%(months_to)s + 1, %(from)s) AND %(to)s)
      AND (%(platform)s = 'all' OR platform = %(platform)s)
    UNION ALL
    SELECT platform, product_id, -units, discounts - gross, 0, 0
    FROM product_day
    WHERE tenant_id = %(tenant)s
      AND (day BETWEEN %(months_from)s AND least(%(from)s - 1, %(months_to)s)
        OR day BETWEEN greatest(%(to)s + 1, %(months_from)s) AND %(months_to)s)
      AND (%(platform)s = 'all' OR platform = %(platform)s)
    UNION ALL
    SELECT platform, product_id, 0, 0, views, carts
    FROM item_day
    WHERE tenant_id = %(tenant)s
      AND day BETWEEN %(from)s AND %(to)s
      AND (%(platform)s = 'all' OR platform = %(platform)s)),
top AS MATERIALIZED (
    SELECT
        platform, product_id, sum(units) AS units, sum(revenue) AS revenue, sum(views) AS views, sum(carts) AS carts,
        CASE %(sort)s WHEN 'units' THEN sum(units) WHEN 'views' THEN sum(views) ELSE sum(revenue) END AS rank
    FROM parts
    WHERE product_id <> ''
    GROUP BY platform, product_id
    HAVING sum(units) <> 0 OR sum(revenue) <> 0 OR sum(views) <> 0 OR sum(carts) <> 0
    ORDER BY rank DESC, product_id, platform
    LIMIT %(limit)s)
SELECT
    top.product_id AS product_id,
    top.platform AS platform,
    coalesce(products.name, top.product_id) AS name,
    top.units AS units,
    top.revenue AS revenue,
    CASE WHEN known.since <= %(to)s THEN top.views END AS views,
    CASE WHEN known.since <= %(to)s THEN top.carts END AS carts,
    top.carts * 100 / nullif(top.views, 0) AS cart_rate,
    coalesce(visited.lines, 0) * 100 / nullif(top.views, 0) AS conversion,
    CASE WHEN known.since IS NULL THEN 'no visits are known on ' || top.platform
        WHEN known.since > %(from)s THEN 'visits on ' || top.platform || ' are known from ' || known.since || ' on'
    END AS "warning incomplete_period"
FROM top
LEFT JOIN known ON known.platform = top.platform
LEFT JOIN products
    ON products.tenant_id = %(tenant)s
    AND products.platform = top.platform AND products.product_id = top.product_id
-- The order lines of the days whose visits are known, day by day: few products, and the key begins with the day.
CROSS JOIN LATERAL (
    SELECT sum(d.lines) AS lines
    FROM generate_series(0, CASE WHEN top.views > 0 THEN %(to)s - greatest(%(from)s, known.since) END) n
    CROSS JOIN LATERAL (
        SELECT p.lines FROM product_day p
        WHERE p.tenant_id = %(tenant)s
          AND p.day = greatest(%(from)s, known.since) + n AND p.platform = top.platform AND p.product_id = top.product_id
        OFFSET 0) d) visited
ORDER BY top.rank DESC, top.product_id, top.platform
