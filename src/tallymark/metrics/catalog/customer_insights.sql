/*
title = "Customer insights"
description = "Who bought in the window: new and returning customers, how many of them buy again, how often and how much."
formula = "returningCustomerRate = customers with more than one order ever / customers x 100; repeatPurchaseRate = customers with two orders or more within the window / customers x 100"
source = "Shopify returning customer rate; repeat purchase rate as the field defines it"
shape = "object"
window = "all"
ttl = 300
weight = 3
prewarm = [{}]

[columns]
customers = { kind = "count", min = 0, doc = "Distinct customers who ordered; guests are not counted, a customer is known per platform." }
new_customers = { kind = "count", min = 0, doc = "Those who ordered for the first time." }
returning_customers = { kind = "count", min = 0, doc = "customers - newCustomers: those who had ordered before the window." }
repeat_customers = { kind = "count", min = 0, doc = "Those with two orders or more within the window." }
repeat_purchase_rate = { kind = "percent", nullable = true, doc = "repeatCustomers / customers; unknown without customers." }
loyal_customers = { kind = "count", min = 0, doc = "Those with more than one order ever, be it before or after the window." }
returning_customer_rate = { kind = "percent", nullable = true, doc = "loyalCustomers / customers; unknown without customers." }
orders = { kind = "count", min = 0, doc = "Orders of customers." }
guest_orders = { kind = "count", min = 0, doc = "Orders that name no customer; they are in no other figure here." }
average_orders = { kind = "ratio", nullable = true, doc = "orders / customers." }
average_spend = { kind = "average", nullable = true, doc = "(gross sales - discounts) / customers; returns are not taken off." }
average_days_between = { kind = "ratio", nullable = true, doc = "Local days from one day of purchase to the customer's next, both within the window; unknown where nobody bought on two days." }

[warnings]
excluded_currency = "Orders in a currency without an exchange rate by then are left out."
*/
WITH day_sums AS (
    SELECT sum(customers) AS days, sum(once) AS once, sum(gap_days) AS gap_days, sum(orders) AS orders, sum(gross - discounts) AS spent
    FROM buyers_day
    WHERE tenant_id = %(tenant)s
      AND day BETWEEN %(from)s AND %(to)s
      AND (%(platform)s = 'all' OR platform = %(platform)s)),
shop AS (
    SELECT sum(orders) AS orders, sum(foreign_orders) AS foreign_orders
    FROM sales_day
    WHERE tenant_id = %(tenant)s
      AND day BETWEEN %(from)s AND %(to)s
      AND (%(platform)s = 'all' OR platform = %(platform)s)),
-- Each customer is counted on the first day within the window, and the first two orders of each: where the day before it, or the
-- order before the last, lies in a month before the window,
before AS (
    SELECT customers, CASE WHEN prev_month = '-infinity' THEN customers ELSE 0 END AS new, gap_days, 0 AS firsts
    FROM return_month
    WHERE tenant_id = %(tenant)s
      AND prev_month < date_trunc('month', %(from)s::timestamp)::date
      AND day BETWEEN %(from)s AND %(to)s
      AND (%(platform)s = 'all' OR platform = %(platform)s)
    UNION ALL
    SELECT 0, 0, 0, orders
    FROM repeat_month
    WHERE tenant_id = %(tenant)s
      AND prev_month < date_trunc('month', %(from)s::timestamp)::date
      AND day BETWEEN %(from)s AND %(to)s
      AND (%(platform)s = 'all' OR platform = %(platform)s)
    UNION ALL
    -- or in that month, on a day before the window.
    SELECT g.customers, 0, g.gap_days, g.firsts
    FROM buyers_day b
    CROSS JOIN LATERAL (
        SELECT customers, customers * (b.day - prev_day) AS gap_days, 0 AS firsts
        FROM return_gap
        WHERE tenant_id = %(tenant)s AND platform = b.platform AND day = b.day
          AND prev_day >= date_trunc('month', %(from)s::timestamp)::date AND prev_day < %(from)s
        UNION ALL
        SELECT 0, 0, orders
        FROM repeat_gap
        WHERE tenant_id = %(tenant)s AND platform = b.platform AND day = b.day
          AND prev_day >= date_trunc('month', %(from)s::timestamp)::date AND prev_day < %(from)s) g
    WHERE b.tenant_id = %(tenant)s
      AND b.day BETWEEN %(from)s AND %(to)s
      AND %(from)s > date_trunc('month', %(from)s::timestamp)
      AND (%(platform)s = 'all' OR b.platform = %(platform)s)),
counted AS (
    SELECT
        coalesce(sum(customers), 0) AS customers,
        coalesce(sum(new), 0) AS new_customers,
        coalesce(sum(firsts) - sum(customers), 0) AS repeat_customers,
        coalesce(sum(gap_days), 0) AS gap_days
    FROM before)
SELECT
    c.customers AS customers,
    c.new_customers AS new_customers,
    c.customers - c.new_customers AS returning_customers,
    c.repeat_customers AS repeat_customers,
    c.repeat_customers * 100 / nullif(c.customers, 0) AS repeat_purchase_rate,
    c.customers - coalesce(d.once, 0) AS loyal_customers,
    (c.customers - coalesce(d.once, 0)) * 100 / nullif(c.customers, 0) AS returning_customer_rate,
    coalesce(d.orders, 0) AS orders,
    coalesce(s.orders, 0) - coalesce(d.orders, 0) AS guest_orders,
    d.orders / nullif(c.customers, 0) AS average_orders,
    d.spent / nullif(c.customers, 0) AS average_spend,
    -- A customer's days within the window have one gap fewer than there are days.
    (d.gap_days - c.gap_days) / nullif(d.days - c.customers, 0) AS average_days_between,
    CASE WHEN s.foreign_orders > 0 THEN 'orders left out, in a currency without an exchange rate: ' || s.foreign_orders END AS "warning excluded_currency",
    c.repeat_customers <= c.customers - coalesce(d.once, 0) AS "check who buys twice has more than one order"
FROM counted c
CROSS JOIN day_sums d
CROSS JOIN shop s
