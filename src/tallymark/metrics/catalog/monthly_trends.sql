/*
title = "Monthly trends"
description = "Revenue, expenses, net profit and orders of each local month, newest first. A month with only one side is told, a month with neither is not."
formula = "revenue = order totals - refunds; netProfit = revenue - expenses"
source = "On-demand analytics refresh, calculateMonthlyTrends"
shape = "rows"
window = "trailing {months} months"
whole_months = true
ttl = 180
weight = 2
prewarm = [{}]
ready = "published"

[parameters]
months = { type = "integer", default = 12, min = 1, max = 240, doc = "How many local months, the running one included." }

[columns]
month = { kind = "month", doc = "The local month." }
revenue = { kind = "money", doc = "Order totals less refunds." }
expenses = { kind = "money", doc = "Expenses of the month." }
net_profit = { kind = "money", doc = "revenue - expenses." }
order_count = { kind = "count", min = 0, doc = "Orders placed." }

[warnings]
excluded_currency = "Orders in a currency without an exchange rate by then are left out."
*/
WITH sales AS (
    SELECT
        date_trunc('month', day)::date AS month,
        sum(total) - sum(CASE WHEN %(clock)s = 'order' THEN order_returns ELSE returns END) AS revenue,
        sum(orders) AS orders,
        sum(foreign_orders) AS foreign_orders
    FROM sales_day
    WHERE tenant_id = %(tenant)s
      AND day BETWEEN %(from)s AND %(to)s
      AND (%(platform)s = 'all' OR platform = %(platform)s)
    GROUP BY 1
    HAVING sum(orders) <> 0 OR sum(total) <> 0 OR sum(CASE WHEN %(clock)s = 'order' THEN order_returns ELSE returns END) <> 0),
spent AS (
    SELECT date_trunc('month', day)::date AS month, sum(amount) AS expenses
    FROM expense_day
    WHERE tenant_id = %(tenant)s
      AND day BETWEEN %(from)s AND %(to)s
      AND (%(platform)s = 'all' OR platform = %(platform)s)
    GROUP BY 1)
SELECT
    coalesce(sales.month, spent.month) AS month,
    coalesce(sales.revenue, 0) AS revenue,
    coalesce(spent.expenses, 0) AS expenses,
    coalesce(sales.revenue, 0) - coalesce(spent.expenses, 0) AS net_profit,
    coalesce(sales.orders, 0) AS order_count,
    CASE WHEN sales.foreign_orders > 0
        THEN 'orders of ' || to_char(sales.month, 'YYYY-MM') || ' left out, in a currency without an exchange rate: ' || sales.foreign_orders
    END AS "warning excluded_currency"
FROM sales
FULL JOIN spent ON spent.month = sales.month
ORDER BY 1 DESC
