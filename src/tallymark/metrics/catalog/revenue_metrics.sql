/*
title = "Revenue metrics"
description = "Revenue and what it is made of, how much a day brings, how much discounts and returns take, and growth against the days before."
formula = "revenue = order totals - refunds; revenuePerDay = revenue / days; discountRate = discounts / grossSales x 100; returnRate = returns / (grossSales - discounts) x 100; growth = (now - before) / |before|"
source = "Performance documents: revenue metrics over any range; Shopify's sales report"
shape = "object"
window = "all"
ttl = 300
weight = 3
prewarm = [{}]

[columns]
revenue = { kind = "money", doc = "Order totals less refunds." }
gross_sales = { kind = "money", doc = "Quantity x unit price." }
discounts = { kind = "money", doc = "Of lines and of whole orders." }
returns = { kind = "money", doc = "Refunds: on the day they happen, or on their order's day (`clock`)." }
net_sales = { kind = "money", doc = "grossSales - discounts - returns." }
shipping = { kind = "money", doc = "Shipping charged." }
tax = { kind = "money", doc = "Taxes charged; no revenue of the shop's." }
orders = { kind = "count", min = 0, doc = "Orders placed." }
average_order_value = { kind = "average", nullable = true, doc = "(grossSales - discounts) / orders; unknown without orders." }
days = { kind = "count", nullable = true, min = 0, doc = "Local days of the window: from the first day with sales where it has no beginning, to today where it has no end." }
revenue_per_day = { kind = "average", nullable = true, doc = "revenue / days." }
"best_day.*" = { kind = "money", nullable = true, doc = "The day with most revenue." }
"best_day.day" = { kind = "day", nullable = true, doc = "The day with most revenue, the earlier of two alike." }
discount_rate = { kind = "percent", nullable = true, doc = "Discounts in percent of gross sales." }
return_rate = { kind = "percent", nullable = true, doc = "Returns in percent of gross sales less discounts; above 100 where more came back than was sold." }
"growth.*" = { kind = "ratio", nullable = true, doc = "0.25 is a quarter more; unknown where the figure before is 0 or unknown." }

[warnings]
excluded_currency = "Orders in a currency without an exchange rate by then are left out."
*/
WITH sides (side, first_day, last_day) AS (
    VALUES ('now', %(from)s::date, %(to)s::date), ('before', %(before_from)s::date, %(before_to)s::date)),
sold AS (
    SELECT
        sides.side, s.day, s.total, s.gross, s.discounts, s.shipping, s.tax, s.orders, s.foreign_orders,
        CASE WHEN %(clock)s = 'order' THEN s.order_returns ELSE s.returns END AS returns
    FROM sides
    JOIN sales_day s
        ON s.tenant_id = %(tenant)s
        AND s.day BETWEEN sides.first_day AND sides.last_day
        AND (%(platform)s = 'all' OR s.platform = %(platform)s)
    UNION ALL
    -- The last day before is compared only as far as the running day has come.
    SELECT 'before', day, total, gross, discounts, shipping, tax, orders, foreign_orders, 0
    FROM order_fact
    WHERE tenant_id = %(tenant)s
      AND placed_at >= %(before_cut_from)s AND placed_at < %(before_cut)s
      AND (%(platform)s = 'all' OR platform = %(platform)s)
    UNION ALL
    SELECT 'before', day, 0, 0, 0, 0, 0, 0, 0, amount
    FROM refund_fact
    WHERE tenant_id = %(tenant)s
      AND %(clock)s <> 'order' AND %(before_cut_from)s < %(before_cut)s
      AND refunded_at >= %(before_cut_from)s AND refunded_at < %(before_cut)s
      AND (%(platform)s = 'all' OR platform = %(platform)s)
    UNION ALL
    SELECT 'before', day, 0, 0, 0, 0, 0, 0, 0, order_returns
    FROM sales_hour
    WHERE tenant_id = %(tenant)s
      AND %(clock)s = 'order' AND %(before_cut_from)s < %(before_cut)s
      AND day = %(before_to)s + 1
      AND hour < extract(hour FROM %(before_cut)s AT TIME ZONE %(timezone)s)
      AND (%(platform)s = 'all' OR platform = %(platform)s)),
figures AS (
    SELECT
        sides.side,
        coalesce(sum(total) - sum(returns), 0) AS revenue,
        coalesce(sum(gross), 0) AS gross_sales,
        coalesce(sum(discounts), 0) AS discounts,
        coalesce(sum(returns), 0) AS returns,
        coalesce(sum(gross) - sum(discounts) - sum(returns), 0) AS net_sales,
        coalesce(sum(shipping), 0) AS shipping,
        coalesce(sum(tax), 0) AS tax,
        coalesce(sum(orders), 0) AS orders,
        (sum(gross) - sum(discounts)) / nullif(sum(orders), 0) AS average_order_value,
        coalesce(sum(foreign_orders), 0) AS foreign_orders,
        min(day) AS first_sold
    FROM sides
    LEFT JOIN sold USING (side)
    GROUP BY sides.side),
best AS (
    SELECT day, sum(total) - sum(returns) AS revenue
    FROM sold
    WHERE side = 'now'
    GROUP BY day
    HAVING sum(orders) > 0
    ORDER BY revenue DESC, day
    LIMIT 1),
length AS (
    SELECT CASE WHEN %(to)s < '9999-12-31' THEN %(to)s ELSE (%(as_of)s AT TIME ZONE %(timezone)s)::date END
        - CASE WHEN %(from)s > '0001-01-01' THEN %(from)s ELSE first_sold END + 1 AS days
    FROM figures
    WHERE side = 'now')
SELECT
    n.revenue, n.gross_sales, n.discounts, n.returns, n.net_sales, n.shipping, n.tax, n.orders, n.average_order_value,
    nullif(greatest(length.days, 0), 0) AS days,
    n.revenue / nullif(greatest(length.days, 0), 0) AS revenue_per_day,
    best.day AS "best_day.day",
    best.revenue AS "best_day.revenue",
    n.discounts * 100 / nullif(n.gross_sales, 0) AS discount_rate,
    n.returns * 100 / nullif(n.gross_sales - n.discounts, 0) AS return_rate,
    (n.revenue - b.revenue) / nullif(abs(b.revenue), 0) AS "growth.revenue",
    (n.gross_sales - b.gross_sales) / nullif(abs(b.gross_sales), 0) AS "growth.gross_sales",
    (n.net_sales - b.net_sales) / nullif(abs(b.net_sales), 0) AS "growth.net_sales",
    (n.orders - b.orders) / nullif(abs(b.orders), 0) AS "growth.orders",
    (n.average_order_value - b.average_order_value) / nullif(abs(b.average_order_value), 0) AS "growth.average_order_value",
    CASE WHEN n.foreign_orders > 0 THEN 'orders left out, in a currency without an exchange rate: ' || n.foreign_orders END
        AS "warning excluded_currency"
FROM figures n
CROSS JOIN figures b
CROSS JOIN length
LEFT JOIN best ON true
WHERE n.side = 'now' AND b.side = 'before'
