/*
title = "Sales trends"
description = "The sales overview of each local hour, day, week (from Monday) or month of the window, oldest first and without gaps."
formula = "As sales_overview, within each period; the first and the last may be cut by the window"
source = "Shopify and WooCommerce sales reports"
shape = "rows"
window = "trailing 30 days"
ttl = 180
weight = 5
prewarm = [{}]
ready = "published"

[parameters]
granularity = { type = "text", default = "day", allowed = ["hour", "day", "week", "month"], days = { hour = 92 }, doc = "How long each period is." }

[columns]
period = { kind = "period", doc = "YYYY-MM-DDTHH:00, YYYY-MM-DD (of a week its Monday) or YYYY-MM, by the local clock." }
gross_sales = { kind = "money", doc = "Quantity x unit price, before discounts, returns, tax and shipping." }
discounts = { kind = "money", doc = "Of lines and of whole orders." }
returns = { kind = "money", doc = "Refunds: when they happen, or when their order was placed (`clock`)." }
net_sales = { kind = "money", doc = "grossSales - discounts - returns." }
shipping = { kind = "money", doc = "Shipping charged." }
tax = { kind = "money", doc = "Taxes charged." }
total_sales = { kind = "money", doc = "netSales + shipping + tax." }
orders = { kind = "count", min = 0, doc = "Orders placed, neither cancelled nor test." }
units = { kind = "count", doc = "Units ordered." }
average_order_value = { kind = "average", nullable = true, doc = "(grossSales - discounts) / orders; unknown without orders." }
customers = { kind = "count", nullable = true, min = 0, doc = "Distinct customers of the period; unknown by the hour." }
new_customers = { kind = "count", nullable = true, min = 0, doc = "Those who ordered for the first time." }
returning_customers = { kind = "count", nullable = true, min = 0, doc = "customers - newCustomers." }

[warnings]
excluded_currency = "Orders in a currency without an exchange rate by then are left out."
customers_by_hour = "Customers are counted by the day, not by the hour."
*/
WITH bounds AS (
    SELECT min(day) AS first_day, %(to)s::date AS last_day, sum(foreign_orders) AS foreign_orders
    FROM sales_day
    WHERE tenant_id = %(tenant)s
      AND day BETWEEN %(from)s AND %(to)s
      AND (%(platform)s = 'all' OR platform = %(platform)s)),
-- Where the window has a beginning it is told from there; else from the first day with sales.
span AS (
    SELECT CASE WHEN %(from)s > '0001-01-01' THEN %(from)s ELSE first_day END AS first_day, last_day FROM bounds),
-- Every period of the window. Hours are those the local clock shows: 02:00 is missing where it was skipped.
periods AS (
    SELECT DISTINCT date_trunc(%(granularity)s, at) AS starts
    FROM (
        SELECT day AS at
        FROM span, generate_series(first_day::timestamp, last_day::timestamp, interval '1 day') AS day
        WHERE %(granularity)s <> 'hour'
        UNION ALL
        SELECT instant AT TIME ZONE %(timezone)s
        FROM span, generate_series(
            first_day::timestamp AT TIME ZONE %(timezone)s - interval '3 hours',
            (last_day + 1)::timestamp AT TIME ZONE %(timezone)s + interval '3 hours',
            interval '1 hour') AS instant
        WHERE %(granularity)s = 'hour'
          AND (instant AT TIME ZONE %(timezone)s)::date BETWEEN first_day AND last_day) moments),
sold AS (
    SELECT
        date_trunc(%(granularity)s, s.day::timestamp) AS starts,
        s.gross, s.discounts, s.shipping, s.tax, s.orders, s.units,
        CASE WHEN %(clock)s = 'order' THEN s.order_returns ELSE s.returns END AS returns,
        0 AS customers,
        0 AS new_customers
    FROM sales_day s
    WHERE %(granularity)s <> 'hour'
      AND s.tenant_id = %(tenant)s
      AND s.day BETWEEN %(from)s AND %(to)s
      AND (%(platform)s = 'all' OR s.platform = %(platform)s)
    UNION ALL
    -- Each customer is counted on the first day within the period: where the day before it lies in a month before the period,
    SELECT
        date_trunc(%(granularity)s, day::timestamp), 0, 0, 0, 0, 0, 0, 0,
        sum(customers), coalesce(sum(customers) FILTER (WHERE prev_month = '-infinity'), 0)
    FROM return_month
    WHERE %(granularity)s <> 'hour'
      AND tenant_id = %(tenant)s
      AND day BETWEEN %(from)s AND %(to)s
      AND (%(granularity)s = 'day'
        OR prev_month < date_trunc('month', greatest(%(from)s, date_trunc(%(granularity)s, day::timestamp))))
      AND (%(platform)s = 'all' OR platform = %(platform)s)
    GROUP BY day
    UNION ALL
    -- or in that month, on a day before the period.
    SELECT date_trunc(%(granularity)s, s.day::timestamp), 0, 0, 0, 0, 0, 0, 0, g.customers, 0
    FROM sales_day s
    CROSS JOIN LATERAL (
        SELECT greatest(%(from)s, date_trunc(%(granularity)s, s.day::timestamp)::date) AS first_day) p
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(customers), 0) AS customers
        FROM return_gap
        WHERE tenant_id = %(tenant)s AND platform = s.platform AND day = s.day
          AND prev_day >= date_trunc('month', p.first_day::timestamp)::date AND prev_day < p.first_day) g
    WHERE %(granularity)s NOT IN ('hour', 'day')
      AND s.tenant_id = %(tenant)s
      AND s.day BETWEEN %(from)s AND %(to)s
      AND p.first_day > date_trunc('month', p.first_day::timestamp)
      AND (%(platform)s = 'all' OR s.platform = %(platform)s)
    UNION ALL
    SELECT
        day::timestamp + hour * interval '1 hour', gross, discounts, shipping, tax, orders, units,
        CASE WHEN %(clock)s = 'order' THEN order_returns ELSE returns END, NULL, NULL
    FROM sales_hour
    WHERE %(granularity)s = 'hour'
      AND tenant_id = %(tenant)s
      AND day BETWEEN %(from)s AND %(to)s
      AND (%(platform)s = 'all' OR platform = %(platform)s)),
figures AS (
    SELECT
        starts,
        sum(gross) AS gross_sales, sum(discounts) AS discounts, sum(returns) AS returns, sum(shipping) AS shipping, sum(tax) AS tax,
        sum(orders) AS orders, sum(units) AS units, sum(customers) AS customers, sum(new_customers) AS new_customers
    FROM sold
    GROUP BY starts)
SELECT
    to_char(p.starts, CASE %(granularity)s
        WHEN 'hour' THEN 'YYYY-MM-DD"T"HH24:00' WHEN 'month' THEN 'YYYY-MM' ELSE 'YYYY-MM-DD' END) AS period,
    coalesce(f.gross_sales, 0) AS gross_sales,
    coalesce(f.discounts, 0) AS discounts,
    coalesce(f.returns, 0) AS returns,
    coalesce(f.gross_sales - f.discounts - f.returns, 0) AS net_sales,
    coalesce(f.shipping, 0) AS shipping,
    coalesce(f.tax, 0) AS tax,
    coalesce(f.gross_sales - f.discounts - f.returns + f.shipping + f.tax, 0) AS total_sales,
    coalesce(f.orders, 0) AS orders,
    coalesce(f.units, 0) AS units,
    (f.gross_sales - f.discounts) / nullif(f.orders, 0) AS average_order_value,
    CASE WHEN %(granularity)s <> 'hour' THEN coalesce(f.customers, 0) END AS customers,
    CASE WHEN %(granularity)s <> 'hour' THEN coalesce(f.new_customers, 0) END AS new_customers,
    CASE WHEN %(granularity)s <> 'hour' THEN coalesce(f.customers - f.new_customers, 0) END AS returning_customers,
    CASE WHEN bounds.foreign_orders > 0 THEN 'orders left out, in a currency without an exchange rate: ' || bounds.foreign_orders END
        AS "warning excluded_currency",
    CASE WHEN %(granularity)s = 'hour' THEN 'customers are counted by the day, not by the hour' END AS "warning customers_by_hour",
    coalesce(f.customers <= f.orders, true) AS "check there are no more customers than orders"
FROM periods p
CROSS JOIN bounds
LEFT JOIN figures f ON f.starts = p.starts
ORDER BY p.starts
