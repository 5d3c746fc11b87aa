/*
title = "Customer insights"
description = "Who bought in the window: new and returning customers, how many of them buy again, how often and how much, and how that grows against the days before."
formula = "returningCustomerRate = customers with more than one order ever / customers x 100; repeatPurchaseRate = customers with two orders or more within the window / customers x 100; growth = (now - before) / |before|"
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
"growth.*" = { kind = "ratio", nullable = true, doc = "0.25 is a quarter more; unknown where the figure before is 0 or unknown." }

[warnings]
excluded_currency = "Orders in a currency without an exchange rate by then are left out."
*/
WITH sides AS (
    SELECT side, first_day, last_day, date_trunc('month', first_day::timestamp)::date AS first_month
    FROM (VALUES ('now', %(from)s::date, %(to)s::date), ('before', %(before_from)s::date, %(before_to)s::date)) AS s (side, first_day, last_day)),
-- Days on which customers bought, and all that was ordered.
bought AS (
    SELECT
        sides.side, b.customers AS days, b.once, b.gap_days, b.orders, b.gross - b.discounts AS spent, 0 AS all_orders, 0 AS foreign_orders,
        0 AS customers, 0 AS new, 0 AS first_gap_days, 0 AS firsts
    FROM sides
    JOIN buyers_day b
        ON b.tenant_id = %(tenant)s
        AND b.day BETWEEN sides.first_day AND sides.last_day
        AND (%(platform)s = 'all' OR b.platform = %(platform)s)
    UNION ALL
    SELECT sides.side, 0, 0, 0, 0, 0, s.orders, s.foreign_orders, 0, 0, 0, 0
    FROM sides
    JOIN sales_day s
        ON s.tenant_id = %(tenant)s
        AND s.day BETWEEN sides.first_day AND sides.last_day
        AND (%(platform)s = 'all' OR s.platform = %(platform)s)
    UNION ALL
    -- Each customer is counted on the first day within the window, and the first two orders of each: where the day before it, or the
    -- order before the last, lies in a month before the window,
    SELECT sides.side, 0, 0, 0, 0, 0, 0, 0, sum(r.customers), sum(r.customers) FILTER (WHERE r.prev_month = '-infinity'), sum(r.gap_days), 0
    FROM sides
    JOIN return_month r
        ON r.tenant_id = %(tenant)s
        AND r.prev_month < sides.first_month
        AND r.day BETWEEN sides.first_day AND sides.last_day
        AND (%(platform)s = 'all' OR r.platform = %(platform)s)
    GROUP BY sides.side
    UNION ALL
    SELECT sides.side, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, sum(r.orders)
    FROM sides
    JOIN repeat_month r
        ON r.tenant_id = %(tenant)s
        AND r.prev_month < sides.first_month
        AND r.day BETWEEN sides.first_day AND sides.last_day
        AND (%(platform)s = 'all' OR r.platform = %(platform)s)
    GROUP BY sides.side
    UNION ALL
    -- or in that month, on a day before the window.
    SELECT sides.side, 0, 0, 0, 0, 0, 0, 0, g.customers, 0, g.gap_days, g.firsts
    FROM sides
    JOIN buyers_day b
        ON b.tenant_id = %(tenant)s
        AND b.day BETWEEN sides.first_day AND sides.last_day
        AND sides.first_day > sides.first_month
        AND (%(platform)s = 'all' OR b.platform = %(platform)s)
    CROSS JOIN LATERAL (
        SELECT customers, customers * (b.day - prev_day) AS gap_days, 0 AS firsts
        FROM return_gap
        WHERE tenant_id = %(tenant)s AND platform = b.platform AND day = b.day
          AND prev_day >= sides.first_month AND prev_day < sides.first_day
        UNION ALL
        SELECT 0, 0, orders
        FROM repeat_gap
        WHERE tenant_id = %(tenant)s AND platform = b.platform AND day = b.day
          AND prev_day >= sides.first_month AND prev_day < sides.first_day) g
    UNION ALL
    -- The last day before is compared only as far as the running day has come.
    SELECT 'before', 0, 0, 0, 0, 0, orders, foreign_orders, 0, 0, 0, 0
    FROM order_fact
    WHERE tenant_id = %(tenant)s
      AND placed_at >= %(before_cut_from)s AND placed_at < %(before_cut)s
      AND (%(platform)s = 'all' OR platform = %(platform)s)
    UNION ALL
    SELECT
        'before', 1, (c.orders = 1)::integer, CASE WHEN d.prev_day > '-infinity' THEN d.day - d.prev_day ELSE 0 END, f.orders, f.spent, 0, 0,
        (d.prev_day < %(before_from)s)::integer, (d.prev_day = '-infinity')::integer,
        CASE WHEN d.prev_day > '-infinity' AND d.prev_day < %(before_from)s THEN d.day - d.prev_day ELSE 0 END,
        CASE WHEN d.prev_day < %(before_from)s THEN least(f.orders, 2) WHEN e.orders = 1 AND e.prev_day < %(before_from)s THEN 1 ELSE 0 END
    FROM (
        SELECT platform, customer_id, day, sum(orders) AS orders, sum(gross - discounts) AS spent
        FROM order_fact
        WHERE tenant_id = %(tenant)s
          AND placed_at >= %(before_cut_from)s AND placed_at < %(before_cut)s
          AND (%(platform)s = 'all' OR platform = %(platform)s)
          AND orders > 0
        GROUP BY platform, customer_id, day) f
    JOIN customer_fact c ON c.tenant_id = %(tenant)s AND c.platform = f.platform AND c.customer_id = f.customer_id
    JOIN customer_day d
        ON d.tenant_id = %(tenant)s
        AND d.platform = f.platform AND d.customer_id = f.customer_id AND d.day = f.day
    LEFT JOIN customer_day e
        ON e.tenant_id = %(tenant)s
        AND e.platform = f.platform AND e.customer_id = f.customer_id AND e.day = d.prev_day),
sums AS (
    SELECT
        side, coalesce(sum(days), 0) AS days, coalesce(sum(once), 0) AS once, coalesce(sum(gap_days), 0) AS gap_days,
        coalesce(sum(orders), 0) AS orders, sum(spent) AS spent, coalesce(sum(all_orders), 0) AS all_orders,
        coalesce(sum(foreign_orders), 0) AS foreign_orders, coalesce(sum(customers), 0) AS customers, coalesce(sum(new), 0) AS new,
        coalesce(sum(first_gap_days), 0) AS first_gap_days, coalesce(sum(firsts), 0) - coalesce(sum(customers), 0) AS repeats
    FROM sides
    LEFT JOIN bought USING (side)
    GROUP BY side),
figures AS (
    SELECT
        side,
        customers,
        new AS new_customers,
        customers - new AS returning_customers,
        repeats AS repeat_customers,
        repeats * 100 / nullif(customers, 0) AS repeat_purchase_rate,
        customers - once AS loyal_customers,
        (customers - once) * 100 / nullif(customers, 0) AS returning_customer_rate,
        orders,
        all_orders - orders AS guest_orders,
        orders / nullif(customers, 0) AS average_orders,
        spent / nullif(customers, 0) AS average_spend,
        -- A customer's days within the window have one gap fewer than there are days.
        (gap_days - first_gap_days) / nullif(days - customers, 0) AS average_days_between,
        foreign_orders
    FROM sums)
SELECT
    n.customers, n.new_customers, n.returning_customers, n.repeat_customers, n.repeat_purchase_rate, n.loyal_customers,
    n.returning_customer_rate, n.orders, n.guest_orders, n.average_orders, n.average_spend, n.average_days_between,
    (n.customers - b.customers) / nullif(abs(b.customers), 0) AS "growth.customers",
    (n.new_customers - b.new_customers) / nullif(abs(b.new_customers), 0) AS "growth.new_customers",
    (n.returning_customers - b.returning_customers) / nullif(abs(b.returning_customers), 0) AS "growth.returning_customers",
    (n.repeat_customers - b.repeat_customers) / nullif(abs(b.repeat_customers), 0) AS "growth.repeat_customers",
    (n.repeat_purchase_rate - b.repeat_purchase_rate) / nullif(abs(b.repeat_purchase_rate), 0) AS "growth.repeat_purchase_rate",
    (n.loyal_customers - b.loyal_customers) / nullif(abs(b.loyal_customers), 0) AS "growth.loyal_customers",
    (n.returning_customer_rate - b.returning_customer_rate) / nullif(abs(b.returning_customer_rate), 0) AS "growth.returning_customer_rate",
    (n.orders - b.orders) / nullif(abs(b.orders), 0) AS "growth.orders",
    (n.guest_orders - b.guest_orders) / nullif(abs(b.guest_orders), 0) AS "growth.guest_orders",
    (n.average_orders - b.average_orders) / nullif(abs(b.average_orders), 0) AS "growth.average_orders",
    (n.average_spend - b.average_spend) / nullif(abs(b.average_spend), 0) AS "growth.average_spend",
    (n.average_days_between - b.average_days_between) / nullif(abs(b.average_days_between), 0) AS "growth.average_days_between",
    CASE WHEN n.foreign_orders > 0 THEN 'orders left out, in a currency without an exchange rate: ' || n.foreign_orders END AS "warning excluded_currency",
    n.repeat_customers <= n.loyal_customers AS "check who buys twice has more than one order"
FROM figures n
CROSS JOIN figures b
WHERE n.side = 'now' AND b.side = 'before'
