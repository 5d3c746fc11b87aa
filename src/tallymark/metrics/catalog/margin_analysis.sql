/*
title = "Margin analysis"
description = "Profit and margin by product, category, platform, customer segment, sales representative or month, the most profitable first. The rows of each grouping sum to the same sales."
formula = "profit = costedSales - cost; margin = profit / costedSales x 100; costCoverage = costedSales / (grossSales - discounts) x 100"
source = "Shopify's profit reports: cost at the time of sale, sales with cost recorded"
shape = "rows"
window = "all"
ttl = 600
weight = 5
prewarm = [{}]

[parameters]
group_by = { type = "text", default = "category", allowed = ["product", "category", "platform", "segment", "representative", "month"], doc = "What each row is about." }
limit = { type = "integer", default = 100, min = 1, max = 10000, doc = "How many rows." }
sort = { type = "text", default = "profit", allowed = ["profit", "margin", "net_sales"], doc = "By what; unknown comes last." }

[with.best_products]
asked = "%(group_by)s = 'product'"
likely = "%(sort)s <> 'margin'"
of = "true"
at_most = "CASE %(sort)s WHEN 'net_sales' THEN gross - discounts ELSE costed_net END"
kept = "units <> 0 OR gross <> 0 OR discounts <> 0 OR cost <> 0 OR CASE WHEN %(clock)s = 'order' THEN order_returns ELSE returns END <> 0"
place = """
CASE %(sort)s WHEN 'margin' THEN (costed_net - cost) * 100 / nullif(costed_net, 0)
    WHEN 'net_sales' THEN gross - discounts - CASE WHEN %(clock)s = 'order' THEN order_returns ELSE returns END
    ELSE CASE WHEN costed_net <> 0 OR cost <> 0 THEN costed_net - cost END END"""
tie = "gross - discounts - CASE WHEN %(clock)s = 'order' THEN order_returns ELSE returns END"
more = "SELECT NULL, NULL WHERE false"

[columns]
group_id = { kind = "text", nullable = true, doc = "The id of the product, category or representative, the platform, the segment, or the month as YYYY-MM; null is what belongs to none." }
platform = { kind = "id", nullable = true, doc = "Whose id it is; null for months." }
name = { kind = "text", nullable = true, doc = "The name of the product, category or representative, or the id where there is no name." }
units = { kind = "count", doc = "Units ordered." }
gross_sales = { kind = "money", doc = "Quantity x unit price." }
discounts = { kind = "money", doc = "Of lines, and their share of those of whole orders." }
returns = { kind = "money", doc = "Refunds: on the day they happen, or on their order's day (`clock`)." }
net_sales = { kind = "money", doc = "grossSales - discounts - returns." }
costed_sales = { kind = "money", doc = "Gross sales less discounts of the lines whose cost is known; returns are not taken off." }
cost = { kind = "money", doc = "Cost of those lines, at the time they were sold." }
cost_coverage = { kind = "percent", nullable = true, doc = "For how much of the sales the cost is known." }
profit = { kind = "money", nullable = true, doc = "costedSales - cost; unknown where no cost is." }
margin = { kind = "percent", nullable = true, doc = "Profit in percent of costedSales." }

[warnings]
excluded_currency = "Orders in a currency without an exchange rate by then are left out."
cost_coverage = "The cost of some of what was sold is not recorded; profit and margin are of the rest."
*/
-- Categories: the whole months nearest to the window, plus the days outside them that belong to it, less the days inside them that
-- do not.
WITH category_sold AS (
    SELECT platform, category_id, units, gross, discounts, cost, costed_net, returns, order_returns
    FROM category_month
    WHERE %(group_by)s = 'category'
      AND tenant_id = %(tenant)s
      AND month BETWEEN %(months_from)s AND %(months_to)s
      AND (%(platform)s = 'all' OR platform = %(platform)s)
    UNION ALL
    SELECT platform, category_id, units, gross, discounts, cost, costed_net, returns, order_returns
    FROM category_day
    WHERE %(group_by)s = 'category'
      AND tenant_id = %(tenant)s
      AND (day BETWEEN %(from)s AND least(%(months_from)s - 1, %(to)s)
        OR day BETWEEN greatest(%(months_to)s + 1, %(from)s) AND %(to)s)
      AND (%(platform)s = 'all' OR platform = %(platform)s)
    UNION ALL
    SELECT platform, category_id, -units, -gross, -discounts, -cost, -costed_net, -returns, -order_returns
    FROM category_day
    WHERE %(group_by)s = 'category'
      AND tenant_id = %(tenant)s
      AND (day BETWEEN %(months_from)s AND least(%(from)s - 1, %(months_to)s)
        OR day BETWEEN greatest(%(to)s + 1, %(months_from)s) AND %(months_to)s)
      AND (%(platform)s = 'all' OR platform = %(platform)s)),
-- What each grouping sums: one part for each.
sold AS (
    SELECT nullif(s.product_id, '') AS group_id, s.platform, coalesce(p.name, nullif(s.product_id, '')) AS name,
        s.units, s.gross, s.discounts, CASE WHEN %(clock)s = 'order' THEN s.order_returns ELSE s.returns END AS returns, s.cost, s.costed_net
    FROM best_products s
    LEFT JOIN products p ON p.tenant_id = %(tenant)s AND p.platform = s.platform AND p.product_id = s.product_id
    UNION ALL
    SELECT nullif(s.category_id, ''), s.platform, coalesce(c.name, nullif(s.category_id, '')), s.units, s.gross, s.discounts,
        CASE WHEN %(clock)s = 'order' THEN s.order_returns ELSE s.returns END, s.cost, s.costed_net
    FROM category_sold s
    LEFT JOIN categories c ON c.tenant_id = %(tenant)s AND c.platform = s.platform AND c.category_id = s.category_id
    UNION ALL
    SELECT
        CASE %(group_by)s WHEN 'platform' THEN platform ELSE to_char(day, 'YYYY-MM') END,
        CASE %(group_by)s WHEN 'platform' THEN platform END,
        CASE %(group_by)s WHEN 'platform' THEN platform ELSE to_char(day, 'YYYY-MM') END,
        units, gross, discounts, CASE WHEN %(clock)s = 'order' THEN order_returns ELSE returns END, cost, costed_net
    FROM sales_day
    WHERE %(group_by)s IN ('platform', 'month')
      AND tenant_id = %(tenant)s
      AND day BETWEEN %(from)s AND %(to)s
      AND (%(platform)s = 'all' OR platform = %(platform)s)
    UNION ALL
    SELECT nullif(segment, ''), platform, nullif(segment, ''), units, gross, discounts,
        CASE WHEN %(clock)s = 'order' THEN order_returns ELSE returns END, cost, costed_net
    FROM segment_day
    WHERE %(group_by)s = 'segment'
      AND tenant_id = %(tenant)s
      AND day BETWEEN %(from)s AND %(to)s
      AND (%(platform)s = 'all' OR platform = %(platform)s)
    UNION ALL
    SELECT d.sales_rep_id, d.platform, coalesce(r.name, d.sales_rep_id), d.units, d.gross, d.discounts,
        CASE WHEN %(clock)s = 'order' THEN d.order_returns ELSE d.returns END, d.cost, d.costed_net
    FROM rep_day d
    LEFT JOIN sales_reps r ON r.tenant_id = %(tenant)s AND r.platform = d.platform AND r.sales_rep_id = d.sales_rep_id
    WHERE %(group_by)s = 'representative'
      AND d.tenant_id = %(tenant)s
      AND d.day BETWEEN %(from)s AND %(to)s
      AND (%(platform)s = 'all' OR d.platform = %(platform)s)
    UNION ALL
    -- What no representative sold: everything, less what they did.
    SELECT NULL, platform, NULL, sign * units, sign * gross, sign * discounts, sign * returns, sign * cost, sign * costed_net
    FROM (
        SELECT 1 AS sign, platform, day, units, gross, discounts,
            CASE WHEN %(clock)s = 'order' THEN order_returns ELSE returns END AS returns, cost, costed_net
        FROM sales_day
        WHERE tenant_id = %(tenant)s AND day BETWEEN %(from)s AND %(to)s
        UNION ALL
        SELECT -1, platform, day, units, gross, discounts,
            CASE WHEN %(clock)s = 'order' THEN order_returns ELSE returns END, cost, costed_net
        FROM rep_day
        WHERE tenant_id = %(tenant)s AND day BETWEEN %(from)s AND %(to)s) s
    WHERE %(group_by)s = 'representative'
      AND (%(platform)s = 'all' OR platform = %(platform)s)),
figures AS (
    SELECT
        group_id, platform, name, sum(units) AS units, sum(gross) AS gross, sum(discounts) AS discounts, sum(returns) AS returns,
        sum(gross) - sum(discounts) - sum(returns) AS net, sum(cost) AS cost, sum(costed_net) AS costed_net,
        CASE WHEN sum(costed_net) <> 0 OR sum(cost) <> 0 THEN sum(costed_net) - sum(cost) END AS profit,
        (sum(costed_net) - sum(cost)) * 100 / nullif(sum(costed_net), 0) AS margin
    FROM sold
    GROUP BY group_id, platform, name
    HAVING sum(units) <> 0 OR sum(gross) <> 0 OR sum(discounts) <> 0 OR sum(returns) <> 0 OR sum(cost) <> 0),
whole AS MATERIALIZED (
    SELECT sum(foreign_orders) AS left_out, sum(gross - discounts) AS sold, sum(costed_net) AS costed,
        sum(uncosted_lines) AS uncosted_lines
    FROM sales_day
    WHERE tenant_id = %(tenant)s
      AND day BETWEEN %(from)s AND %(to)s
      AND (%(platform)s = 'all' OR platform = %(platform)s))
SELECT
    group_id AS group_id,
    platform AS platform,
    name AS name,
    units AS units,
    gross AS gross_sales,
    discounts AS discounts,
    returns AS returns,
    net AS net_sales,
    costed_net AS costed_sales,
    cost AS cost,
    costed_net * 100 / nullif(gross - discounts, 0) AS cost_coverage,
    profit AS profit,
    margin AS margin,
    CASE WHEN whole.uncosted_lines > 0 THEN 'the cost of ' || coalesce(
        nullif(round(100 - whole.costed * 100 / nullif(whole.sold, 0), 2), 0) || ' %% of sales', 'some of what was sold')
        || ' is not recorded'
    END AS "warning cost_coverage",
    CASE WHEN whole.left_out > 0 THEN 'orders left out, in a currency without an exchange rate: ' || whole.left_out END
        AS "warning excluded_currency"
FROM figures
CROSS JOIN whole
ORDER BY
    CASE %(sort)s WHEN 'margin' THEN margin WHEN 'net_sales' THEN net ELSE profit END DESC NULLS LAST,
    net DESC, group_id NULLS LAST, platform
LIMIT %(limit)s
