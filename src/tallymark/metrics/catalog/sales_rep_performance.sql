/*
title = "Sales representative performance"
description = "What each representative sold in the window, with commission, and its growth against the days before. Orders without a representative are not in it."
formula = "netSales = grossSales - discounts - returns; averageOrderValue = (grossSales - discounts) / orders; commission = netSales x the representative's rate; growth = (now - before) / |before|"
source = "our own; figures as in sales_overview"
shape = "rows"
window = "trailing 30 days"
ttl = 300
weight = 3
prewarm = [{}]

[parameters]
limit = { type = "integer", default = 100, min = 1, max = 1000, doc = "How many representatives." }
sort = { type = "text", default = "net_sales", allowed = ["net_sales", "gross_sales", "orders", "units", "commission"], doc = "By what, the most first." }

[columns]
sales_rep_id = { kind = "id", doc = "The representative's id on the platform." }
platform = { kind = "id", doc = "The platform; a representative is known per platform." }
name = { kind = "text", doc = "The name, or the id where there is none." }
region = { kind = "text", nullable = true, doc = "The region, where it is known." }
orders = { kind = "count", min = 0, doc = "Orders placed, neither cancelled nor test." }
units = { kind = "count", doc = "Units ordered." }
gross_sales = { kind = "money", doc = "Quantity x unit price." }
discounts = { kind = "money", doc = "Of lines and of whole orders." }
returns = { kind = "money", doc = "Refunds of orders of the representative, by either clock." }
net_sales = { kind = "money", doc = "grossSales - discounts - returns." }
average_order_value = { kind = "average", nullable = true, doc = "Unknown without orders." }
commission_rate = { kind = "percent", nullable = true, doc = "Of net sales; unknown where none is recorded." }
commission = { kind = "average", nullable = true, doc = "netSales x commissionRate; less than 0 where more came back than was sold." }
share = { kind = "percent", nullable = true, doc = "Of the net sales of all representatives; unknown where those come to 0." }
"growth.*" = { kind = "ratio", nullable = true, doc = "0.25 is a quarter more; unknown where the figure before is 0 or unknown." }

[warnings]
commission_unknown = "No rate is recorded for some representatives, so their commission is unknown."
excluded_currency = "Orders in a currency without an exchange rate by then are left out."
*/
WITH sides (side, first_day, last_day) AS (
    VALUES ('now', %(from)s::date, %(to)s::date), ('before', %(before_from)s::date, %(before_to)s::date)),
sold AS (
    SELECT
        sides.side, r.platform, r.sales_rep_id, r.orders, r.units, r.gross, r.discounts,
        CASE WHEN %(clock)s = 'order' THEN r.order_returns ELSE r.returns END AS returns
    FROM sides
    JOIN rep_day r
        ON r.tenant_id = %(tenant)s
        AND r.day BETWEEN sides.first_day AND sides.last_day
        AND (%(platform)s = 'all' OR r.platform = %(platform)s)
    UNION ALL
    -- The last day before is compared only as far as the running day has come.
    SELECT 'before', platform, sales_rep_id, orders, units, gross, discounts, 0
    FROM order_fact
    WHERE tenant_id = %(tenant)s
      AND placed_at >= %(before_cut_from)s AND placed_at < %(before_cut)s
      AND (%(platform)s = 'all' OR platform = %(platform)s)
    UNION ALL
    SELECT 'before', platform, sales_rep_id, 0, 0, 0, 0, amount
    FROM refund_fact
    WHERE tenant_id = %(tenant)s
      AND %(clock)s <> 'order' AND %(before_cut_from)s < %(before_cut)s
      AND refunded_at >= %(before_cut_from)s AND refunded_at < %(before_cut)s
      AND (%(platform)s = 'all' OR platform = %(platform)s)
    UNION ALL
    SELECT 'before', platform, sales_rep_id, 0, 0, 0, 0, amount
    FROM refund_fact
    WHERE tenant_id = %(tenant)s
      AND %(clock)s = 'order' AND %(before_cut_from)s < %(before_cut)s
      AND order_day = %(before_to)s + 1
      AND order_hour < extract(hour FROM %(before_cut)s AT TIME ZONE %(timezone)s)
      AND (%(platform)s = 'all' OR platform = %(platform)s)),
figures AS (
    SELECT
        side, platform, sales_rep_id,
        sum(orders) AS orders,
        sum(units) AS units,
        sum(gross) AS gross_sales,
        sum(discounts) AS discounts,
        sum(returns) AS returns,
        sum(gross) - sum(discounts) - sum(returns) AS net_sales,
        (sum(gross) - sum(discounts)) / nullif(sum(orders), 0) AS average_order_value
    FROM sold
    WHERE sales_rep_id IS NOT NULL
    GROUP BY side, platform, sales_rep_id
    HAVING sum(orders) <> 0 OR sum(returns) <> 0),
paid AS (
    SELECT f.*, s.name, s.region, s.commission_rate, f.net_sales * s.commission_rate AS commission
    FROM figures f
    LEFT JOIN sales_reps s ON s.tenant_id = %(tenant)s AND s.platform = f.platform AND s.sales_rep_id = f.sales_rep_id
    WHERE f.side = 'now'),
shop AS (
    SELECT sum(foreign_orders) AS foreign_orders
    FROM sales_day
    WHERE tenant_id = %(tenant)s
      AND day BETWEEN %(from)s AND %(to)s
      AND (%(platform)s = 'all' OR platform = %(platform)s))
SELECT
    n.sales_rep_id AS sales_rep_id,
    n.platform AS platform,
    coalesce(n.name, n.sales_rep_id) AS name,
    n.region AS region,
    n.orders AS orders,
    n.units AS units,
    n.gross_sales AS gross_sales,
    n.discounts AS discounts,
    n.returns AS returns,
    n.net_sales AS net_sales,
    n.average_order_value AS average_order_value,
    n.commission_rate * 100 AS commission_rate,
    n.commission AS commission,
    n.net_sales * 100 / nullif(sum(n.net_sales) OVER (), 0) AS share,
    (n.orders - b.orders) / nullif(b.orders, 0) AS "growth.orders",
    (n.units - b.units) / nullif(abs(b.units), 0) AS "growth.units",
    (n.gross_sales - b.gross_sales) / nullif(abs(b.gross_sales), 0) AS "growth.gross_sales",
    (n.net_sales - b.net_sales) / nullif(abs(b.net_sales), 0) AS "growth.net_sales",
    (n.average_order_value - b.average_order_value) / nullif(abs(b.average_order_value), 0) AS "growth.average_order_value",
    CASE WHEN count(*) FILTER (WHERE n.commission_rate IS NULL) OVER () > 0
        THEN 'representatives without a commission rate: ' || count(*) FILTER (WHERE n.commission_rate IS NULL) OVER ()
    END AS "warning commission_unknown",
    CASE WHEN shop.foreign_orders > 0 THEN 'orders left out, in a currency without an exchange rate: ' || shop.foreign_orders END
        AS "warning excluded_currency"
FROM paid n
CROSS JOIN shop
LEFT JOIN figures b ON b.side = 'before' AND b.platform = n.platform AND b.sales_rep_id = n.sales_rep_id
ORDER BY
    CASE %(sort)s WHEN 'gross_sales' THEN n.gross_sales WHEN 'orders' THEN n.orders WHEN 'units' THEN n.units
        WHEN 'commission' THEN n.commission ELSE n.net_sales END DESC NULLS LAST,
    n.sales_rep_id,
    n.platform
LIMIT %(limit)s
