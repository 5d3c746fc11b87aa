/*
title = "Daily summary"
description = "Each local day in one line: what was sold, to whom, what came back, what was spent and what is left. Newest first, without gaps."
formula = "revenue = order totals - refunds; netProfit = revenue - expenses; netSales = grossSales - discounts - returns; averageOrderValue = (grossSales - discounts) / orders"
source = "Sales analytics documents: daily sales view and daily summary"
shape = "rows"
window = "trailing {days} days"
ttl = 300
schedule = "0 1 * * *"
weight = 2
prewarm = [{}]

[parameters]
days = { type = "integer", default = 7, min = 1, max = 366, doc = "How many local days, today included." }

[columns]
day = { kind = "day", doc = "The local day." }
gross_sales = { kind = "money", doc = "Quantity x unit price." }
discounts = { kind = "money", doc = "Of lines and of whole orders." }
returns = { kind = "money", doc = "Refunds: on the day they happen, or on their order's day (`clock`)." }
net_sales = { kind = "money", doc = "grossSales - discounts - returns." }
orders = { kind = "count", min = 0, doc = "Orders placed." }
units = { kind = "count", doc = "Units ordered." }
returned_units = { kind = "count", doc = "Units of the refunds." }
average_order_value = { kind = "average", nullable = true, doc = "Unknown without orders." }
customers = { kind = "count", min = 0, doc = "Distinct customers of the day." }
new_customers = { kind = "count", min = 0, doc = "Those who ordered for the first time." }
busiest_hour = { kind = "count", nullable = true, doc = "The local hour with most orders, the earlier of two alike." }
revenue = { kind = "money", doc = "Order totals less refunds." }
expenses = { kind = "money", doc = "What was spent." }
net_profit = { kind = "money", doc = "revenue - expenses." }

[warnings]
excluded_currency = "Orders in a currency without an exchange rate by then are left out."
incomplete_period = "Today has not ended."
*/
WITH sold AS (
    SELECT
        day, sum(gross) AS gross, sum(discounts) AS discounts, sum(orders) AS orders, sum(units) AS units, sum(total) AS total,
        sum(CASE WHEN %(clock)s = 'order' THEN order_returns ELSE returns END) AS returns,
        sum(CASE WHEN %(clock)s = 'order' THEN order_returned_units ELSE returned_units END) AS returned_units,
        sum(foreign_orders) AS foreign_orders
    FROM sales_day
    WHERE tenant_id = %(tenant)s
      AND day BETWEEN %(from)s AND %(to)s
      AND (%(platform)s = 'all' OR platform = %(platform)s)
    GROUP BY day),
bought AS (
    SELECT day, sum(customers) AS customers, sum(new_customers) AS new_customers
    FROM buyers_day
    WHERE tenant_id = %(tenant)s
      AND day BETWEEN %(from)s AND %(to)s
      AND (%(platform)s = 'all' OR platform = %(platform)s)
    GROUP BY day),
busiest AS (
    SELECT DISTINCT ON (day) day, hour
    FROM (
        SELECT day, hour, sum(orders) AS orders
        FROM sales_hour
        WHERE tenant_id = %(tenant)s
          AND day BETWEEN %(from)s AND %(to)s
          AND (%(platform)s = 'all' OR platform = %(platform)s)
        GROUP BY day, hour) hours
    WHERE orders > 0
    ORDER BY day, orders DESC, hour),
spent AS (
    SELECT day, sum(amount) AS expenses
    FROM expense_day
    WHERE tenant_id = %(tenant)s
      AND day BETWEEN %(from)s AND %(to)s
      AND (%(platform)s = 'all' OR platform = %(platform)s)
    GROUP BY day),
-- Where the window has a beginning it is told from there; else from the first day on which something happened.
span AS (
    SELECT CASE WHEN %(from)s > '0001-01-01' THEN %(from)s ELSE min(day) END AS first_day
    FROM (SELECT day FROM sold UNION ALL SELECT day FROM spent) happened)
SELECT
    d.at::date AS day,
    coalesce(s.gross, 0) AS gross_sales,
    coalesce(s.discounts, 0) AS discounts,
    coalesce(s.returns, 0) AS returns,
    coalesce(s.gross - s.discounts - s.returns, 0) AS net_sales,
    coalesce(s.orders, 0) AS orders,
    coalesce(s.units, 0) AS units,
    coalesce(s.returned_units, 0) AS returned_units,
    (s.gross - s.discounts) / nullif(s.orders, 0) AS average_order_value,
    coalesce(b.customers, 0) AS customers,
    coalesce(b.new_customers, 0) AS new_customers,
    h.hour AS busiest_hour,
    coalesce(s.total - s.returns, 0) AS revenue,
    coalesce(e.expenses, 0) AS expenses,
    coalesce(s.total - s.returns, 0) - coalesce(e.expenses, 0) AS net_profit,
    CASE WHEN s.foreign_orders > 0 THEN 'orders of ' || d.at::date || ' left out, in a currency without an exchange rate: ' || s.foreign_orders END
        AS "warning excluded_currency",
    CASE WHEN d.at = (%(as_of)s AT TIME ZONE %(timezone)s)::date THEN d.at::date || ' has not ended' END
        AS "warning incomplete_period",
    coalesce(b.customers, 0) <= coalesce(s.orders, 0) AS "check there are no more customers than orders"
FROM span
CROSS JOIN generate_series(span.first_day::timestamp, %(to)s::timestamp, interval '1 day') AS d(at)
LEFT JOIN sold s ON s.day = d.at
LEFT JOIN bought b ON b.day = d.at
LEFT JOIN busiest h ON h.day = d.at
LEFT JOIN spent e ON e.day = d.at
ORDER BY d.at DESC
