/*
title = "Monthly analytics"
description = "Orders, revenue, distinct products sold and average order value of each local month, newest first."
formula = "revenue = order totals - refunds; averageOrderValue = (gross - discounts) / orders"
source = "On-demand analytics refresh, view monthly_analytics"
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
orders = { kind = "count", min = 0, doc = "Orders placed." }
revenue = { kind = "money", doc = "Order totals less refunds." }
distinct_products = { kind = "count", min = 0, doc = "How many different products were sold; a product is known per platform." }
average_order_value = { kind = "average", nullable = true, doc = "Unknown in a month without orders." }

[warnings]
excluded_currency = "Orders in a currency without an exchange rate by then are left out."
*/
WITH sales AS (
    SELECT
        date_trunc('month', day)::date AS month,
        sum(orders) AS orders,
        sum(total) - sum(CASE WHEN %(clock)s = 'order' THEN order_returns ELSE returns END) AS revenue,
        (sum(gross) - sum(discounts)) / nullif(sum(orders), 0) AS average_order_value,
        sum(foreign_orders) AS foreign_orders
    FROM sales_day
    WHERE tenant_id = %(tenant)s
      AND day BETWEEN %(from)s AND %(to)s
      AND (%(platform)s = 'all' OR platform = %(platform)s)
    GROUP BY 1
    HAVING sum(orders) <> 0 OR sum(total) <> 0 OR sum(CASE WHEN %(clock)s = 'order' THEN order_returns ELSE returns END) <> 0),
sold AS (
    SELECT month, sum(products) AS distinct_products
    FROM assortment_month
    WHERE tenant_id = %(tenant)s
      AND month BETWEEN %(from)s AND %(to)s
      AND (%(platform)s = 'all' OR platform = %(platform)s)
    GROUP BY 1)
SELECT
    sales.month AS month,
    sales.orders AS orders,
    sales.revenue AS revenue,
    coalesce(sold.distinct_products, 0) AS distinct_products,
    sales.average_order_value AS average_order_value,
    CASE WHEN sales.foreign_orders > 0
        THEN 'orders of ' || to_char(sales.month, 'YYYY-MM') || ' left out, in a currency without an exchange rate: ' || sales.foreign_orders
    END AS "warning excluded_currency"
FROM sales
LEFT JOIN sold ON sold.month = sales.month
ORDER BY 1 DESC
