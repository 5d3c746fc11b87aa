/*
title = "Product performance"
description = "How each product sells, what it earns, how much of it comes back and how it grows: the best, or the one asked for."
formula = "revenue = grossSales - discounts; netSales = revenue - returns; profitMargin = (net - cost) / net x 100 over the lines whose cost is known; returnRate = returnedUnits / units x 100; growth = (now - before) / |before|"
source = "Product performance of the sales analytics and performance documents; refund rate per units as Amazon's Data Kiosk"
shape = "rows"
window = "all"
ttl = 600
weight = 5
prewarm = [{}]

[parameters]
product_id = { type = "text", default = "", doc = "One product, on every platform that has this id; all if left out." }
limit = { type = "integer", default = 10, min = 1, max = 100, doc = "How many products." }
sort = { type = "text", default = "revenue", allowed = ["revenue", "units", "profit", "returns"], doc = "By what; unknown comes last." }

[with.best_products]
asked = "%(product_id)s = ''"
likely = "true"
of = "product_id <> ''"
at_most = "CASE %(sort)s WHEN 'units' THEN units WHEN 'profit' THEN costed_net WHEN 'returns' THEN CASE WHEN %(clock)s = 'order' THEN order_returns ELSE returns END ELSE gross - discounts END"
kept = "units <> 0 OR gross <> 0 OR CASE WHEN %(clock)s = 'order' THEN order_returns ELSE returns END <> 0"
place = "CASE %(sort)s WHEN 'units' THEN units WHEN 'profit' THEN CASE WHEN costed_net <> 0 OR cost <> 0 THEN costed_net - cost END WHEN 'returns' THEN CASE WHEN %(clock)s = 'order' THEN order_returns ELSE returns END ELSE gross - discounts END"
tie = "NULL::numeric"
more = """
(SELECT platform, product_id
    FROM product_total
    WHERE %(product_id)s <> ''
      AND tenant_id = %(tenant)s
      AND product_id = %(product_id)s
      AND (%(platform)s = 'all' OR platform = %(platform)s))"""

[columns]
product_id = { kind = "id", doc = "The product's id on its platform." }
platform = { kind = "id", doc = "Whose product it is." }
name = { kind = "text", doc = "The product's name, or its id where it has none." }
category_id = { kind = "id", nullable = true, doc = "The category it stands in." }
units = { kind = "count", doc = "Units ordered." }
returned_units = { kind = "count", doc = "Units of the refunds." }
return_rate = { kind = "percent", nullable = true, doc = "Returned units in percent of units; unknown without units." }
gross_sales = { kind = "money", doc = "Quantity x unit price." }
discounts = { kind = "money", doc = "Of its lines, and their share of those of whole orders." }
returns = { kind = "money", doc = "Refunds: on the day they happen, or on their order's day (`clock`)." }
revenue = { kind = "money", doc = "grossSales - discounts, as in `top_products`." }
net_sales = { kind = "money", doc = "revenue - returns." }
average_price = { kind = "average", nullable = true, doc = "Gross sales / units; unknown without units." }
cost_coverage = { kind = "percent", nullable = true, doc = "For how much of the revenue the cost is known." }
profit = { kind = "money", nullable = true, doc = "Of the lines whose cost is known; unknown where none is." }
profit_margin = { kind = "percent", nullable = true, doc = "Profit in percent of the sales of those lines." }
share = { kind = "percent", nullable = true, doc = "Of the revenue of all products; unknown where that comes to 0." }
"growth.*" = { kind = "ratio", nullable = true, doc = "0.25 is a quarter more; unknown where the figure before is 0." }

[warnings]
excluded_currency = "Orders in a currency without an exchange rate by then are left out."
cost_coverage = "The cost of some of what was sold is not recorded; profit and margin are of the rest."
*/
-- The months that lie wholly within each side, and the days that do not lie in them.
WITH sides AS (
    SELECT
        side, first_day, last_day,
        (date_trunc('month', first_day - interval '1 day') + interval '1 month')::date AS month_from,
        (date_trunc('month', last_day + interval '1 day') - interval '1 day')::date AS month_to
    FROM (VALUES ('now', %(from)s::date, %(to)s::date), ('before', %(before_from)s::date, %(before_to)s::date))
        AS s (side, first_day, last_day)
    WHERE first_day <= last_day),
side_months AS MATERIALIZED (
    SELECT sides.side, m.month
    FROM sides
    JOIN sold_months m ON m.month BETWEEN sides.month_from AND sides.month_to),
side_days AS MATERIALIZED (
    SELECT side, first_day + n AS day
    FROM sides
    CROSS JOIN LATERAL generate_series(0, least(month_from - 1, last_day) - first_day) AS n
    UNION ALL
    SELECT side, last_day - n
    FROM sides
    CROSS JOIN LATERAL generate_series(0, last_day - greatest(month_to + 1, month_from)) AS n),
parts AS (
    SELECT platform, product_id, side_months.side, units, returned_units, order_returned_units, gross, discounts, cost, costed_net, returns, order_returns
    FROM product_month
    JOIN side_months USING (month)
    WHERE tenant_id = %(tenant)s
      AND month = ANY ((SELECT array_agg(month) FROM side_months)::date[])
      AND platform = ANY ((SELECT array_agg(DISTINCT platform) FROM best)::text[])
      AND product_id = ANY ((SELECT array_agg(product_id) FROM best)::text[])
    UNION ALL
    SELECT platform, product_id, side_days.side, units, returned_units, order_returned_units, gross, discounts, cost, costed_net, returns, order_returns
    FROM product_day
    JOIN side_days USING (day)
    WHERE tenant_id = %(tenant)s
      AND day = ANY ((SELECT array_agg(day) FROM side_days)::date[])
      AND platform = ANY ((SELECT array_agg(DISTINCT platform) FROM best)::text[])
      AND product_id = ANY ((SELECT array_agg(product_id) FROM best)::text[])
    UNION ALL
    -- The last day before is compared only as far as the running day has come.
    SELECT f.platform, l.product_id, 'before', l.quantity, 0, 0, l.gross, l.discount, coalesce(l.cost, 0),
        CASE WHEN l.cost IS NULL THEN 0 ELSE l.gross - l.discount END, 0, 0
    FROM (
        SELECT platform, line_product, line_quantity, line_gross, line_discount, line_cost
        FROM order_fact
        WHERE tenant_id = %(tenant)s
          AND placed_at >= %(before_cut_from)s AND placed_at < %(before_cut)s
          AND (%(platform)s = 'all' OR platform = %(platform)s)) f
    CROSS JOIN LATERAL unnest(f.line_product, f.line_quantity, f.line_gross, f.line_discount, f.line_cost)
        AS l (product_id, quantity, gross, discount, cost)),
figures AS MATERIALIZED (
    SELECT
        platform, product_id, side, sum(units) AS units, sum(gross) AS gross, sum(discounts) AS discounts,
        sum(gross - discounts) AS revenue, sum(costed_net) AS costed_net,
        sum(CASE WHEN %(clock)s = 'order' THEN order_returned_units ELSE returned_units END) AS returned_units,
        sum(CASE WHEN %(clock)s = 'order' THEN order_returns ELSE returns END) AS returns,
        CASE WHEN sum(costed_net) <> 0 OR sum(cost) <> 0 THEN sum(costed_net) - sum(cost) END AS profit
    FROM parts
    GROUP BY platform, product_id, side),
whole AS MATERIALIZED (
    SELECT sum(gross - discounts) AS revenue, sum(foreign_orders) AS foreign_orders
    FROM sales_day
    WHERE tenant_id = %(tenant)s
      AND day BETWEEN %(from)s AND %(to)s
      AND (%(platform)s = 'all' OR platform = %(platform)s))
SELECT
    c.product_id AS product_id,
    c.platform AS platform,
    coalesce(p.name, c.product_id) AS name,
    p.category_id AS category_id,
    n.units AS units,
    n.returned_units AS returned_units,
    n.returned_units * 100 / nullif(n.units, 0) AS return_rate,
    n.gross AS gross_sales,
    n.discounts AS discounts,
    n.returns AS returns,
    n.revenue AS revenue,
    n.revenue - n.returns AS net_sales,
    n.gross / nullif(n.units, 0) AS average_price,
    n.costed_net * 100 / nullif(n.revenue, 0) AS cost_coverage,
    n.profit AS profit,
    n.profit * 100 / nullif(n.costed_net, 0) AS profit_margin,
    n.revenue * 100 / nullif(whole.revenue, 0) AS share,
    (n.units - b.units) / nullif(abs(b.units), 0) AS "growth.units",
    (n.revenue - b.revenue) / nullif(abs(b.revenue), 0) AS "growth.revenue",
    (n.profit - b.profit) / nullif(abs(b.profit), 0) AS "growth.profit",
    CASE WHEN count(*) FILTER (WHERE n.costed_net <> n.revenue) OVER () > 0
        THEN 'products of which some cost is not recorded: ' || count(*) FILTER (WHERE n.costed_net <> n.revenue) OVER ()
    END AS "warning cost_coverage",
    CASE WHEN whole.foreign_orders > 0 THEN 'orders left out, in a currency without an exchange rate: ' || whole.foreign_orders END
        AS "warning excluded_currency"
FROM best c
JOIN figures n ON n.side = 'now' AND n.platform = c.platform AND n.product_id = c.product_id
LEFT JOIN figures b ON b.side = 'before' AND b.platform = c.platform AND b.product_id = c.product_id
CROSS JOIN whole
LEFT JOIN products p ON p.tenant_id = %(tenant)s AND p.platform = c.platform AND p.product_id = c.product_id
WHERE n.units <> 0 OR n.gross <> 0 OR n.returns <> 0
ORDER BY
    CASE %(sort)s WHEN 'units' THEN n.units WHEN 'profit' THEN n.profit WHEN 'returns' THEN n.returns ELSE n.revenue END DESC NULLS LAST,
    c.product_id, c.platform
LIMIT %(limit)s
