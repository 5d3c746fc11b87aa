/*
title = "Platform comparison"
description = "The same figures of each platform side by side, the one with most net sales first. They sum to the sales overview."
formula = "share = netSales / net sales of all x 100; returnRate = returnedUnits / units x 100; growth = (now - before) / |before|"
source = "Per-platform dashboard of the client documents"
shape = "rows"
window = "all"
ttl = 300
weight = 3
prewarm = [{}]

[columns]
platform = { kind = "id", doc = "The platform." }
gross_sales = { kind = "money", doc = "Quantity x unit price." }
discounts = { kind = "money", doc = "Of lines and of whole orders." }
returns = { kind = "money", doc = "Refunds: on the day they happen, or on their order's day (`clock`)." }
net_sales = { kind = "money", doc = "grossSales - discounts - returns." }
shipping = { kind = "money", doc = "Shipping charged." }
tax = { kind = "money", doc = "Taxes charged." }
total_sales = { kind = "money", doc = "netSales + shipping + tax." }
orders = { kind = "count", min = 0, doc = "Orders placed." }
units = { kind = "count", doc = "Units ordered." }
average_order_value = { kind = "average", nullable = true, doc = "(grossSales - discounts) / orders; unknown without orders." }
customers = { kind = "count", min = 0, doc = "Distinct customers who ordered; a customer is known per platform." }
new_customers = { kind = "count", min = 0, doc = "Those who ordered for the first time." }
return_rate = { kind = "percent", nullable = true, doc = "Returned units in percent of units ordered; unknown without units." }
expenses = { kind = "money", doc = "What was spent on the platform." }
share = { kind = "percent", nullable = true, doc = "Of the net sales of all platforms told; unknown where they come to 0." }
"growth.*" = { kind = "ratio", nullable = true, doc = "0.25 is a quarter more; unknown where the figure before is 0." }

[warnings]
excluded_currency = "Orders in a currency without an exchange rate by then are left out."
*/
WITH sides (side, first_day, last_day) AS (
    VALUES ('now', %(from)s::date, %(to)s::date), ('before', %(before_from)s::date, %(before_to)s::date)),
sold AS (
    SELECT
        sides.side, s.platform, s.gross, s.discounts, s.shipping, s.tax, s.orders, s.units, s.foreign_orders,
        CASE WHEN %(clock)s = 'order' THEN s.order_returns ELSE s.returns END AS returns,
        CASE WHEN %(clock)s = 'order' THEN s.order_returned_units ELSE s.returned_units END AS returned_units
    FROM sides
    JOIN sales_day s
        ON s.tenant_id = %(tenant)s
        AND s.day BETWEEN sides.first_day AND sides.last_day
        AND (%(platform)s = 'all' OR s.platform = %(platform)s)
    UNION ALL
    -- The last day before is compared only as far as the running day has come.
    SELECT 'before', platform, gross, discounts, shipping, tax, orders, units, 0, 0, 0
    FROM order_fact
    WHERE tenant_id = %(tenant)s
      AND placed_at >= %(before_cut_from)s AND placed_at < %(before_cut)s
      AND (%(platform)s = 'all' OR platform = %(platform)s)
    UNION ALL
    SELECT 'before', platform, 0, 0, 0, 0, 0, 0, 0, amount, quantity
    FROM refund_fact
    WHERE tenant_id = %(tenant)s
      AND %(clock)s <> 'order' AND %(before_cut_from)s < %(before_cut)s
      AND refunded_at >= %(before_cut_from)s AND refunded_at < %(before_cut)s
      AND (%(platform)s = 'all' OR platform = %(platform)s)
    UNION ALL
    SELECT 'before', platform, 0, 0, 0, 0, 0, 0, 0, order_returns, 0
    FROM sales_hour
    WHERE tenant_id = %(tenant)s
      AND %(clock)s = 'order' AND %(before_cut_from)s < %(before_cut)s
      AND day = %(before_to)s + 1
      AND hour < extract(hour FROM %(before_cut)s AT TIME ZONE %(timezone)s)
      AND (%(platform)s = 'all' OR platform = %(platform)s)),
figures AS (
    SELECT
        side, platform,
        sum(gross) AS gross, sum(discounts) AS discounts, sum(returns) AS returns,
        sum(gross) - sum(discounts) - sum(returns) AS net, sum(shipping) AS shipping, sum(tax) AS tax,
        sum(orders) AS orders, sum(units) AS units, sum(returned_units) AS returned_units, sum(foreign_orders) AS foreign_orders
    FROM sold
    GROUP BY side, platform),
-- Each customer is counted on the first day within the range: where the day before it lies in a month before the range,
-- or in that month, on a day before the range.
bought AS (
    SELECT platform, sum(customers) AS customers, sum(new_customers) AS new_customers
    FROM (
        SELECT platform, customers, CASE WHEN prev_month = '-infinity' THEN customers ELSE 0 END AS new_customers
        FROM return_month
        WHERE tenant_id = %(tenant)s
          AND day BETWEEN %(from)s AND %(to)s
          AND prev_month < date_trunc('month', %(from)s::timestamp)::date
          AND (%(platform)s = 'all' OR platform = %(platform)s)
        UNION ALL
        SELECT s.platform, g.customers, 0
        FROM sales_day s
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(customers), 0) AS customers
            FROM return_gap
            WHERE tenant_id = %(tenant)s AND platform = s.platform AND day = s.day
              AND prev_day >= date_trunc('month', %(from)s::timestamp)::date AND prev_day < %(from)s) g
        WHERE s.tenant_id = %(tenant)s
          AND s.day BETWEEN %(from)s AND %(to)s
          AND %(from)s > date_trunc('month', %(from)s::timestamp)
          AND (%(platform)s = 'all' OR s.platform = %(platform)s)) counted
    GROUP BY platform),
spent AS (
    SELECT platform, sum(amount) AS expenses
    FROM expense_day
    WHERE tenant_id = %(tenant)s
      AND day BETWEEN %(from)s AND %(to)s
      AND (%(platform)s = 'all' OR platform = %(platform)s)
    GROUP BY platform),
now AS (
    SELECT
        platform,
        coalesce(gross, 0) AS gross, coalesce(discounts, 0) AS discounts, coalesce(returns, 0) AS returns, coalesce(net, 0) AS net,
        coalesce(shipping, 0) AS shipping, coalesce(tax, 0) AS tax, coalesce(orders, 0) AS orders, coalesce(units, 0) AS units,
        coalesce(returned_units, 0) AS returned_units, coalesce(foreign_orders, 0) AS foreign_orders,
        coalesce(expenses, 0) AS expenses
    FROM (SELECT * FROM figures WHERE side = 'now') told
    FULL JOIN spent USING (platform))
SELECT
    n.platform AS platform,
    n.gross AS gross_sales,
    n.discounts AS discounts,
    n.returns AS returns,
    n.net AS net_sales,
    n.shipping AS shipping,
    n.tax AS tax,
    n.net + n.shipping + n.tax AS total_sales,
    n.orders AS orders,
    n.units AS units,
    (n.gross - n.discounts) / nullif(n.orders, 0) AS average_order_value,
    coalesce(c.customers, 0) AS customers,
    coalesce(c.new_customers, 0) AS new_customers,
    n.returned_units * 100 / nullif(n.units, 0) AS return_rate,
    n.expenses AS expenses,
    n.net * 100 / nullif(sum(n.net) OVER (), 0) AS share,
    (n.net - b.net) / nullif(abs(b.net), 0) AS "growth.net_sales",
    (n.orders - b.orders) / nullif(abs(b.orders), 0) AS "growth.orders",
    (n.units - b.units) / nullif(abs(b.units), 0) AS "growth.units",
    CASE WHEN n.foreign_orders > 0 THEN 'orders left out on ' || n.platform || ', in a currency without an exchange rate: ' || n.foreign_orders END
        AS "warning excluded_currency",
    coalesce(c.customers, 0) <= n.orders AS "check there are no more customers than orders"
FROM now n
LEFT JOIN figures b ON b.side = 'before' AND b.platform = n.platform
LEFT JOIN bought c ON c.platform = n.platform
ORDER BY n.net DESC, n.platform
