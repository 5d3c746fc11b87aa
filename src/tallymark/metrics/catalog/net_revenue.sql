/*
title = "Net revenue"
description = "What was taken, less refunds, less what was spent."
formula = "totalRevenue = order totals - refunds; netRevenue = totalRevenue - totalExpenses; profitMarginPercentage = netRevenue / totalRevenue x 100, 0 where there is no revenue"
source = "On-demand analytics refresh, calculateNetRevenue; refunds per Shopify's sales reversals"
shape = "object"
window = "all"
ttl = 300
weight = 2
prewarm = [{}]
ready = "published"

[columns]
total_revenue = { kind = "money", doc = "Order totals less refunds." }
total_expenses = { kind = "money", doc = "Expenses of the same days." }
net_revenue = { kind = "money", doc = "totalRevenue - totalExpenses." }
profit_margin_percentage = { kind = "percent", doc = "netRevenue in percent of totalRevenue; 0 where that is not above 0." }
refunds = { kind = "money", doc = "Refunds, already taken off totalRevenue." }
calculated_at = { kind = "instant", doc = "The instant the figures are told for." }

[warnings]
excluded_currency = "Orders in a currency without an exchange rate by then are left out."
*/
SELECT
    s.total - s.refunds AS total_revenue,
    e.expenses AS total_expenses,
    s.total - s.refunds - e.expenses AS net_revenue,
    CASE WHEN s.total > s.refunds THEN (s.total - s.refunds - e.expenses) * 100 / (s.total - s.refunds) ELSE 0 END
        AS profit_margin_percentage,
    s.refunds AS refunds,
    %(as_of)s::timestamptz AS calculated_at,
    CASE WHEN s.foreign_orders > 0 THEN 'orders left out, in a currency without an exchange rate: ' || s.foreign_orders END
        AS "warning excluded_currency",
    s.foreign_orders >= 0 AND s.orders >= 0 AS "check no fewer than no orders"
FROM (
    SELECT
        coalesce(sum(total), 0) AS total,
        coalesce(sum(CASE WHEN %(clock)s = 'order' THEN order_returns ELSE returns END), 0) AS refunds,
        coalesce(sum(orders), 0) AS orders,
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
