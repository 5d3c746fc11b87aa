/*
title = "Profitability"
description = "From net sales over the cost of goods and all expenses to what is left. What would need a cost that was not recorded is unknown."
formula = "grossProfit = costedSales - costOfGoods; grossMargin = grossProfit / costedSales x 100; costCoverage = costedSales / (grossSales - discounts) x 100; contributionMargin = netSales - costOfGoods (CM1); netProfit = contributionMargin + shipping - expenses"
source = "Shopify's profit reports (cost at the time of sale, sales with cost recorded); contribution margin CM1 as Klar and Dema define it"
shape = "object"
window = "all"
ttl = 300
weight = 2
prewarm = [{}]

[columns]
gross_sales = { kind = "money", doc = "Quantity x unit price." }
discounts = { kind = "money", doc = "Of lines and of whole orders." }
returns = { kind = "money", doc = "Refunds: on the day they happen, or on their order's day (`clock`)." }
net_sales = { kind = "money", doc = "grossSales - discounts - returns." }
costed_sales = { kind = "money", doc = "Gross sales less discounts of the lines whose cost is known; returns are not taken off." }
cost_of_goods = { kind = "money", doc = "Cost of those lines, at the time they were sold. What came back stays in it." }
cost_coverage = { kind = "percent", nullable = true, doc = "For how much of the sales the cost is known; unknown where there are none." }
gross_profit = { kind = "money", nullable = true, doc = "costedSales - costOfGoods; unknown where no cost is." }
gross_margin = { kind = "percent", nullable = true, doc = "Gross profit in percent of costedSales." }
contribution_margin = { kind = "money", nullable = true, doc = "CM1: netSales - costOfGoods; unknown unless every cost is known." }
shipping = { kind = "money", doc = "Shipping charged, a line of its own." }
expenses = { kind = "money", doc = "Everything spent, of all categories: `expense_breakdown` tells them apart." }
net_profit = { kind = "money", nullable = true, doc = "contributionMargin + shipping - expenses; unknown unless every cost is known. Tax is no revenue." }
net_margin = { kind = "percent", nullable = true, doc = "Net profit in percent of net sales." }
profit_before_goods = { kind = "money", doc = "netSales + shipping - expenses: what is left before the cost of goods, always known." }

[warnings]
excluded_currency = "Orders in a currency without an exchange rate by then are left out."
cost_coverage = "The cost of some of what was sold is not recorded, so what depends on all of it is unknown."
*/
SELECT
    s.gross AS gross_sales,
    s.discounts AS discounts,
    s.returns AS returns,
    s.gross - s.discounts - s.returns AS net_sales,
    s.costed_net AS costed_sales,
    s.cost AS cost_of_goods,
    s.costed_net * 100 / nullif(s.gross - s.discounts, 0) AS cost_coverage,
    CASE WHEN s.costed_lines > 0 THEN s.costed_net - s.cost END AS gross_profit,
    (s.costed_net - s.cost) * 100 / nullif(s.costed_net, 0) AS gross_margin,
    CASE WHEN s.uncosted_lines = 0 THEN s.gross - s.discounts - s.returns - s.cost END AS contribution_margin,
    s.shipping AS shipping,
    e.expenses AS expenses,
    CASE WHEN s.uncosted_lines = 0 THEN s.gross - s.discounts - s.returns - s.cost + s.shipping - e.expenses END AS net_profit,
    CASE WHEN s.uncosted_lines = 0 THEN (s.gross - s.discounts - s.returns - s.cost + s.shipping - e.expenses) * 100
        / nullif(s.gross - s.discounts - s.returns, 0) END AS net_margin,
    s.gross - s.discounts - s.returns + s.shipping - e.expenses AS profit_before_goods,
    CASE WHEN s.foreign_orders > 0 THEN 'orders left out, in a currency without an exchange rate: ' || s.foreign_orders END
        AS "warning excluded_currency",
    CASE WHEN s.uncosted_lines > 0 THEN 'the cost of ' || coalesce(
        nullif(round(100 - s.costed_net * 100 / nullif(s.gross - s.discounts, 0), 2), 0) || ' %% of sales', 'some of what was sold')
        || ' is not recorded'
    END AS "warning cost_coverage"
FROM (
    SELECT
        coalesce(sum(gross), 0) AS gross,
        coalesce(sum(discounts), 0) AS discounts,
        coalesce(sum(CASE WHEN %(clock)s = 'order' THEN order_returns ELSE returns END), 0) AS returns,
        coalesce(sum(shipping), 0) AS shipping,
        coalesce(sum(cost), 0) AS cost,
        coalesce(sum(costed_net), 0) AS costed_net,
        coalesce(sum(costed_lines), 0) AS costed_lines,
        coalesce(sum(uncosted_lines), 0) AS uncosted_lines,
        coalesce(sum(foreign_orders), 0) AS foreign_orders
    FROM sales_day
    WHERE tenant_id = %(tenant)s
      AND day BETWEEN %(from)s AND %(to)s
      AND (%(platform)s = 'all' OR platform = %(platform)s)) s
CROSS JOIN (
    SELECT coalesce(sum(amount), 0) AS expenses
    FROM expense_day
    WHERE tenant_id = %(tenant)s
      AND day BETWEEN %(from)s AND %(to)s
      AND (%(platform)s = 'all' OR platform = %(platform)s)) e
