/*
title = "Sales overview"
description = "From gross sales to total sales, with orders, units and customers, and their growth against the days before."
formula = "netSales = grossSales - discounts - returns; totalSales = netSales + shipping + tax; averageOrderValue = (grossSales - discounts) / orders; growth = (now - before) / |before|"
source = "Shopify and WooCommerce sales reports"
shape = "object"
window = "all"
ttl = 60
weight = 5
prewarm = [{}]
ready = "published"

[columns]
gross_sales = { kind = "money", doc = "Quantity x unit price, before discounts, returns, tax and shipping." }
discounts = { kind = "money", doc = "Of lines and of whole orders." }
returns = { kind = "money", doc = "Refunds: on the day they happen, or on their order's day (`clock`)." }
net_sales = { kind = "money", doc = "grossSales - discounts - returns." }
shipping = { kind = "money", doc = "Shipping charged." }
tax = { kind = "money", doc = "Taxes charged." }
total_sales = { kind = "money", doc = "netSales + shipping + tax." }
orders = { kind = "count", min = 0, doc = "Orders placed, neither cancelled nor test." }
units = { kind = "count", doc = "Units ordered." }
average_order_value = { kind = "average", nullable = true, doc = "Unknown without orders." }
customers = { kind = "count", min = 0, doc = "Distinct customers who ordered; guests are not counted, a customer is known per platform." }
new_customers = { kind = "count", min = 0, doc = "Those who ordered for the first time." }
returning_customers = { kind = "count", min = 0, doc = "customers - newCustomers." }
"change.total_sales" = { kind = "money", nullable = true, doc = "totalSales less that of the days before; unknown where there are none." }
"change.orders" = { kind = "count", nullable = true, doc = "orders less those of the days before; unknown where there are none." }
"growth.*" = { kind = "ratio", nullable = true, doc = "0.25 is a quarter more; unknown where the figure before is 0 or unknown." }

[warnings]
excluded_currency = "Orders in a currency without an exchange rate by then are left out."
*/
WITH sides AS (
    SELECT side, first_day, last_day, date_trunc('month', first_day::timestamp)::date AS first_month
    FROM (VALUES ('now', %(from)s::date, %(to)s::date), ('before', %(before_from)s::date, %(before_to)s::date)) AS s (side, first_day, last_day)),
sold AS (
    SELECT
        sides.side,
        s.gross, s.discounts, s.shipping, s.tax, s.orders, s.units, s.foreign_orders,
        CASE WHEN %(clock)s = 'order' THEN s.order_returns ELSE s.returns END AS returns,
        0 AS customers,
        0 AS new_customers
    FROM sides
    JOIN sales_day s
        ON s.tenant_id = %(tenant)s
        AND s.day BETWEEN sides.first_day AND sides.last_day
        AND (%(platform)s = 'all' OR s.platform = %(platform)s)
    UNION ALL
    -- Each customer is counted on the first day within the range: where the day before it lies in a month before the range,
    SELECT sides.side, 0, 0, 0, 0, 0, 0, 0, 0, sum(r.customers), sum(r.customers) FILTER (WHERE r.prev_month = '-infinity')
    FROM sides
    JOIN return_month r
        ON r.tenant_id = %(tenant)s
        AND r.day BETWEEN sides.first_day AND sides.last_day
        AND r.prev_month < sides.first_month
        AND (%(platform)s = 'all' OR r.platform = %(platform)s)
    GROUP BY sides.side
    UNION ALL
    -- or in that month, on a day before the range.
    SELECT sides.side, 0, 0, 0, 0, 0, 0, 0, 0, g.customers, 0
    FROM sides
    JOIN sales_day s
        ON s.tenant_id = %(tenant)s
        AND s.day BETWEEN sides.first_day AND sides.last_day
        AND sides.first_day > sides.first_month
        AND (%(platform)s = 'all' OR s.platform = %(platform)s)
    CROSS JOIN LATERAL (
        SELECT sum(customers) AS customers
        FROM return_gap
        WHERE tenant_id = %(tenant)s AND platform = s.platform AND day = s.day
          AND prev_day >= sides.first_month AND prev_day < sides.first_day) g
    UNION ALL
    -- The last day before is compared only as far as the running day has come.
    SELECT 'before', gross, discounts, shipping, tax, orders, units, foreign_orders, 0, 0, 0
    FROM order_fact
    WHERE tenant_id = %(tenant)s
      AND placed_at >= %(before_cut_from)s AND placed_at < %(before_cut)s
      AND (%(platform)s = 'all' OR platform = %(platform)s)
    UNION ALL
    SELECT 'before', 0, 0, 0, 0, 0, 0, 0, amount, 0, 0
    FROM refund_fact
    WHERE tenant_id = %(tenant)s
      AND %(clock)s <> 'order' AND %(before_cut_from)s < %(before_cut)s
      AND refunded_at >= %(before_cut_from)s AND refunded_at < %(before_cut)s
      AND (%(platform)s = 'all' OR platform = %(platform)s)
    UNION ALL
    SELECT 'before', 0, 0, 0, 0, 0, 0, 0, order_returns, 0, 0
    FROM sales_hour
    WHERE tenant_id = %(tenant)s
      AND %(clock)s = 'order' AND %(before_cut_from)s < %(before_cut)s
      AND day = %(before_to)s + 1
      AND hour < extract(hour FROM %(before_cut)s AT TIME ZONE %(timezone)s)
      AND (%(platform)s = 'all' OR platform = %(platform)s)
    UNION ALL
    SELECT 'before', 0, 0, 0, 0, 0, 0, 0, 0, 1, (d.prev_day = '-infinity')::integer
    FROM (
        SELECT DISTINCT platform, customer_id, day
        FROM order_fact
        WHERE tenant_id = %(tenant)s
          AND placed_at >= %(before_cut_from)s AND placed_at < %(before_cut)s
          AND (%(platform)s = 'all' OR platform = %(platform)s)
          AND orders > 0) f
    JOIN customer_day d
        ON d.tenant_id = %(tenant)s
        AND d.platform = f.platform AND d.customer_id = f.customer_id AND d.day = f.day
        AND d.prev_day < %(before_from)s),
figures AS (
    SELECT
        side,
        coalesce(sum(gross), 0) AS gross_sales,
        coalesce(sum(discounts), 0) AS discounts,
        coalesce(sum(returns), 0) AS returns,
        coalesce(sum(gross) - sum(discounts) - sum(returns), 0) AS net_sales,
        coalesce(sum(shipping), 0) AS shipping,
        coalesce(sum(tax), 0) AS tax,
        coalesce(sum(gross) - sum(discounts) - sum(returns) + sum(shipping) + sum(tax), 0) AS total_sales,
        coalesce(sum(orders), 0) AS orders,
        coalesce(sum(units), 0) AS units,
        (sum(gross) - sum(discounts)) / nullif(sum(orders), 0) AS average_order_value,
        coalesce(sum(customers), 0) AS customers,
        coalesce(sum(new_customers), 0) AS new_customers,
        coalesce(sum(customers), 0) - coalesce(sum(new_customers), 0) AS returning_customers,
        coalesce(sum(foreign_orders), 0) AS foreign_orders,
        %(before_from)s < '9999-12-31' AS compared
    FROM sides
    LEFT JOIN sold USING (side)
    GROUP BY side)
SELECT
    n.gross_sales, n.discounts, n.returns, n.net_sales, n.shipping, n.tax, n.total_sales, n.orders, n.units,
    n.average_order_value, n.customers, n.new_customers, n.returning_customers,
    CASE WHEN b.compared THEN n.total_sales - b.total_sales END AS "change.total_sales",
    CASE WHEN b.compared THEN n.orders - b.orders END AS "change.orders",
    (n.gross_sales - b.gross_sales) / nullif(abs(b.gross_sales), 0) AS "growth.gross_sales",
    (n.discounts - b.discounts) / nullif(abs(b.discounts), 0) AS "growth.discounts",
    (n.returns - b.returns) / nullif(abs(b.returns), 0) AS "growth.returns",
    (n.net_sales - b.net_sales) / nullif(abs(b.net_sales), 0) AS "growth.net_sales",
    (n.shipping - b.shipping) / nullif(abs(b.shipping), 0) AS "growth.shipping",
    (n.tax - b.tax) / nullif(abs(b.tax), 0) AS "growth.tax",
    (n.total_sales - b.total_sales) / nullif(abs(b.total_sales), 0) AS "growth.total_sales",
    (n.orders - b.orders) / nullif(abs(b.orders), 0) AS "growth.orders",
    (n.units - b.units) / nullif(abs(b.units), 0) AS "growth.units",
    (n.average_order_value - b.average_order_value) / nullif(abs(b.average_order_value), 0) AS "growth.average_order_value",
    (n.customers - b.customers) / nullif(abs(b.customers), 0) AS "growth.customers",
    (n.new_customers - b.new_customers) / nullif(abs(b.new_customers), 0) AS "growth.new_customers",
    (n.returning_customers - b.returning_customers) / nullif(abs(b.returning_customers), 0) AS "growth.returning_customers",
    CASE WHEN n.foreign_orders > 0 THEN 'orders left out, in a currency without an exchange rate: ' || n.foreign_orders END
        AS "warning excluded_currency",
    n.customers <= n.orders AS "check there are no more customers than orders",
    n.new_customers <= n.customers AS "check there are no more new customers than customers"
FROM figures n
CROSS JOIN figures b
WHERE n.side = 'now' AND b.side = 'before'
