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
-- All time is kept, one row a product. Any other window is the whole months nearest to it, plus the days outside them that belong to it,
-- less the days inside them that do not. That is summed of likely products only: those with most in a longer time that holds the window,
-- because without negative lines no part exceeds the whole. Where one of the rest could still be among the best, all are summed.
WITH longer AS (
    SELECT platform, product_id, negative_lines, units, gross, discounts, costed_net
    FROM product_month
    WHERE %(to)s - %(from)s BETWEEN 14 AND 200 AND %(limit)s <= 25
      AND tenant_id = %(tenant)s
      AND month BETWEEN date_trunc('month', %(from)s::timestamp)::date AND %(to)s
      AND (%(platform)s = 'all' OR platform = %(platform)s)
    UNION ALL
    SELECT platform, product_id, negative_lines, units, gross, discounts, costed_net
    FROM product_total
    WHERE %(to)s - %(from)s > 200 AND %(limit)s <= 25 AND NOT %(all_time)s
      AND tenant_id = %(tenant)s
      AND (%(platform)s = 'all' OR platform = %(platform)s)),
-- How many are likely: the more, the smaller the part. Only how long it takes depends on this.
tried AS (
    SELECT least(200, 20 + 2 * %(limit)s * power(coalesce(days, 1) / (%(to)s - %(from)s + 1.0), 2))::integer AS products
    FROM (
        SELECT CASE WHEN %(to)s - %(from)s > 200 THEN max(month) - min(month) + 31 ELSE %(to)s - %(from)s + 31 END AS days
        FROM assortment_month
        WHERE tenant_id = %(tenant)s) longest),
likely AS MATERIALIZED (
    SELECT
        platform,
        product_id,
        sum(CASE WHEN negative_lines <> 0 THEN 'Infinity' WHEN %(sort)s = 'units' THEN units WHEN %(sort)s = 'profit' THEN costed_net
            ELSE gross - discounts END) AS most
    FROM longer
    WHERE product_id <> ''
    GROUP BY platform, product_id
    ORDER BY most DESC
    LIMIT (SELECT products + 1 FROM tried)),
-- The most that any of the rest can have; null where there is no rest.
rest AS (SELECT CASE WHEN count(*) > (SELECT products FROM tried) THEN min(most) END AS most FROM likely),
months AS MATERIALIZED (
    SELECT DISTINCT month
    FROM assortment_month
    WHERE tenant_id = %(tenant)s
      AND month BETWEEN %(months_from)s AND %(months_to)s),
days AS MATERIALIZED (
    SELECT %(from)s + n AS day, 1 AS sgn FROM generate_series(0, least(%(months_from)s - 1, %(to)s) - %(from)s) n
    UNION ALL
    SELECT %(to)s - n, 1 FROM generate_series(0, %(to)s - greatest(%(months_to)s + 1, %(from)s)) n
    UNION ALL
    SELECT %(months_from)s + n, -1 FROM generate_series(0, least(%(from)s - 1, %(months_to)s) - %(months_from)s) n
    UNION ALL
    SELECT %(months_to)s - n, -1 FROM generate_series(0, %(months_to)s - greatest(%(to)s + 1, %(months_from)s)) n),
likely_sold AS MATERIALIZED (
    SELECT platform, product_id, sold.*
    FROM (SELECT platform, product_id FROM likely ORDER BY most DESC LIMIT (SELECT products FROM tried)) l
    CROSS JOIN LATERAL (
        SELECT sum(units) AS units, sum(gross) AS gross, sum(gross - discounts) AS revenue, sum(cost) AS cost, sum(costed_net) AS costed_net
        FROM (
            SELECT m.units, m.gross, m.discounts, m.cost, m.costed_net
            FROM months
            CROSS JOIN LATERAL (
                SELECT * FROM product_month
                WHERE tenant_id = %(tenant)s AND month = months.month AND platform = l.platform AND product_id = l.product_id OFFSET 0) m
            UNION ALL
            SELECT sgn * d.units, sgn * d.gross, sgn * d.discounts, sgn * d.cost, sgn * d.costed_net
            FROM days
            CROSS JOIN LATERAL (
                SELECT * FROM product_day
                WHERE tenant_id = %(tenant)s AND day = days.day AND platform = l.platform AND product_id = l.product_id OFFSET 0) d) parts) sold
    WHERE sold.units <> 0 OR sold.gross <> 0),
reached AS (
    SELECT count(*) AS products
    FROM likely_sold, rest
    WHERE CASE %(sort)s WHEN 'units' THEN units WHEN 'profit' THEN nullif(costed_net, 0) - cost ELSE revenue END > rest.most),
enough AS (
    SELECT rest.most IS NULL OR reached.products >= %(limit)s AS enough FROM rest, reached
    WHERE %(to)s - %(from)s >= 14 AND %(limit)s <= 25),
sold AS (
    SELECT platform, product_id, units, gross, discounts, cost, costed_net
    FROM product_day
    WHERE %(to)s - %(from)s < 14
      AND tenant_id = %(tenant)s
      AND day BETWEEN %(from)s AND %(to)s
      AND (%(platform)s = 'all' OR platform = %(platform)s)
    UNION ALL
    SELECT platform, product_id, units, gross, discounts, cost, costed_net
    FROM product_month
    WHERE %(to)s - %(from)s >= 14
      AND tenant_id = %(tenant)s
      AND month BETWEEN %(months_from)s AND %(months_to)s
      AND (%(platform)s = 'all' OR platform = %(platform)s)
    UNION ALL
    SELECT platform, product_id, units, gross, discounts, cost, costed_net
    FROM product_day
    WHERE %(to)s - %(from)s >= 14
      AND tenant_id = %(tenant)s
      AND (day BETWEEN %(from)s AND least(%(months_from)s - 1, %(to)s)
        OR day BETWEEN greatest(%(months_to)s + 1, %(from)s) AND %(to)s)
      AND (%(platform)s = 'all' OR platform = %(platform)s)
    UNION ALL
    SELECT platform, product_id, -units, -gross, -discounts, -cost, -costed_net
    FROM product_day
    WHERE %(to)s - %(from)s >= 14
      AND tenant_id = %(tenant)s
      AND (day BETWEEN %(months_from)s AND least(%(from)s - 1, %(months_to)s)
        OR day BETWEEN greatest(%(to)s + 1, %(months_from)s) AND %(months_to)s)
      AND (%(platform)s = 'all' OR platform = %(platform)s)),
figures AS (
    SELECT platform, product_id, units, gross, gross - discounts AS revenue, cost, costed_net
    FROM product_total
    WHERE %(all_time)s
      AND tenant_id = %(tenant)s
      AND (%(platform)s = 'all' OR platform = %(platform)s)
      AND product_id <> ''
      AND (units <> 0 OR gross <> 0)
    UNION ALL
    SELECT platform, product_id, units, gross, revenue, cost, costed_net
    FROM likely_sold
    WHERE NOT %(all_time)s AND (SELECT enough FROM enough)
    UNION ALL
    SELECT platform, product_id, sum(units), sum(gross), sum(gross - discounts), sum(cost), sum(costed_net)
    FROM sold
    WHERE NOT %(all_time)s AND (SELECT enough FROM enough) IS NOT TRUE
      AND product_id <> ''
    GROUP BY platform, product_id
    HAVING sum(units) <> 0 OR sum(gross) <> 0),
top AS (
    SELECT
        *,
        CASE %(sort)s WHEN 'units' THEN units WHEN 'profit' THEN nullif(costed_net, 0) - cost ELSE revenue END AS place
    FROM figures
    ORDER BY place DESC NULLS LAST, product_id, platform
    LIMIT %(limit)s)
SELECT
    top.product_id AS product_id,
    top.platform AS platform,
    coalesce(products.name, top.product_id) AS name,
    top.units AS total_sold,
    top.revenue AS revenue,
    top.gross / nullif(top.units, 0) AS average_price,
    nullif(top.costed_net, 0) - top.cost AS profit,
    (top.costed_net - top.cost) * 100 / nullif(top.costed_net, 0) AS profit_margin,
    CASE WHEN count(*) FILTER (WHERE top.costed_net = 0) OVER () > 0
        THEN 'products without a recorded cost, so without a profit margin: ' || count(*) FILTER (WHERE top.costed_net = 0) OVER ()
    END AS "warning cost_unknown"
FROM top
LEFT JOIN products
    ON products.tenant_id = %(tenant)s
    AND products.platform = top.platform AND products.product_id = top.product_id
ORDER BY top.place DESC NULLS LAST, top.product_id, top.platform
