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
sort = { type = "text", default = "units", allowed = ["units", "revenue", "views"], doc = "By what, the most first; products that were not sold, or not looked at or put into a cart, are not told." }

[with.best_products]
asked = "%(sort)s <> 'views'"
likely = "true"
of = "product_id <> ''"
at_most = "CASE %(sort)s WHEN 'units' THEN units ELSE gross - discounts END"
kept = "units <> 0 OR gross <> discounts"
place = "CASE %(sort)s WHEN 'units' THEN units ELSE gross - discounts END"
tie = "NULL::numeric"
more = """
(SELECT platform, product_id
    FROM item_day
    WHERE %(sort)s = 'views'
      AND tenant_id = %(tenant)s
      AND day BETWEEN %(from)s AND %(to)s
      AND (%(platform)s = 'all' OR platform = %(platform)s)
      AND product_id <> ''
    GROUP BY platform, product_id
    HAVING sum(views) <> 0 OR sum(carts) <> 0
    ORDER BY sum(views) DESC, product_id, platform
    LIMIT %(limit)s)"""

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
since AS MATERIALIZED (
    SELECT known.platform, greatest(%(from)s, known.since) + n AS day
    FROM known
    CROSS JOIN LATERAL generate_series(0, %(to)s - greatest(%(from)s, known.since)) n),
-- What was looked at of them, and their order lines on those days.
looks AS (
    SELECT platform, product_id, sum(views) AS views, sum(carts) AS carts
    FROM item_day
    WHERE tenant_id = %(tenant)s
      AND day = ANY ((SELECT array_agg(DISTINCT day) FROM since)::date[])
      AND platform = ANY ((SELECT array_agg(DISTINCT platform) FROM best)::text[])
      AND product_id = ANY ((SELECT array_agg(product_id) FROM best)::text[])
    GROUP BY platform, product_id),
bought AS (
    SELECT d.platform, d.product_id, sum(d.lines) AS lines
    FROM product_day d
    JOIN since USING (platform, day)
    WHERE d.tenant_id = %(tenant)s
      AND d.day = ANY ((SELECT array_agg(DISTINCT day) FROM since)::date[])
      AND d.platform = ANY ((SELECT array_agg(DISTINCT platform) FROM best)::text[])
      AND d.product_id = ANY ((SELECT array_agg(product_id) FROM best)::text[])
    GROUP BY d.platform, d.product_id),
top AS (
    SELECT
        platform, product_id, coalesce(units, 0) AS units, coalesce(gross - discounts, 0) AS revenue, coalesce(views, 0) AS views,
        coalesce(carts, 0) AS carts, coalesce(lines, 0) AS lines
    FROM best
    LEFT JOIN best_products USING (platform, product_id)
    LEFT JOIN looks USING (platform, product_id)
    LEFT JOIN bought USING (platform, product_id))
SELECT
    top.product_id AS product_id,
    top.platform AS platform,
    coalesce(products.name, top.product_id) AS name,
    top.units AS units,
    top.revenue AS revenue,
    CASE WHEN known.since <= %(to)s THEN top.views END AS views,
    CASE WHEN known.since <= %(to)s THEN top.carts END AS carts,
    top.carts * 100 / nullif(top.views, 0) AS cart_rate,
    top.lines * 100 / nullif(top.views, 0) AS conversion,
    CASE WHEN known.since IS NULL THEN 'no visits are known on ' || top.platform
        WHEN known.since > %(from)s THEN 'visits on ' || top.platform || ' are known from ' || known.since || ' on'
    END AS "warning incomplete_period"
FROM top
LEFT JOIN known ON known.platform = top.platform
LEFT JOIN products
    ON products.tenant_id = %(tenant)s
    AND products.platform = top.platform AND products.product_id = top.product_id
ORDER BY
    CASE %(sort)s WHEN 'units' THEN top.units WHEN 'views' THEN top.views ELSE top.revenue END DESC, top.product_id, top.platform
