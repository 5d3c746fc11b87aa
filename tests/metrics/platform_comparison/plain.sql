WITH sides (side, first_day, last_day, until) AS (
    VALUES ('now', %(first)s::date, %(last)s::date, 'infinity'::timestamptz),
           ('before', %(before_first)s, %(before_last)s, %(before_until)s)),
event AS (
    SELECT side, platform, 1 AS orders, gross, discounts, shipping, tax, units, 0 AS back, 0 AS units_back, 0 AS spent, customer_id, day, first_day
    FROM sides JOIN plain_orders ON day BETWEEN first_day AND last_day AND placed_at < until
    WHERE tenant_id = %(tenant)s AND %(platform)s IN ('all', platform)
    UNION ALL
    SELECT side, platform, 0, 0, 0, 0, 0, 0, amount, quantity, 0, NULL, NULL, NULL
    FROM sides JOIN plain_refunds ON day BETWEEN first_day AND last_day AND refunded_at < until
    WHERE %(clock)s = 'event' AND tenant_id = %(tenant)s AND %(platform)s IN ('all', platform)
    UNION ALL
    -- Kept by the hour only.
    SELECT side, platform, 0, 0, 0, 0, 0, 0, amount, quantity, 0, NULL, NULL, NULL
    FROM sides JOIN plain_refunds ON order_day BETWEEN first_day AND last_day
        AND (order_day < last_day OR side = 'now' OR until >= (last_day + 1)::timestamp AT TIME ZONE %(timezone)s
            OR date_trunc('hour', order_local) < date_trunc('hour', until AT TIME ZONE %(timezone)s))
    WHERE %(clock)s = 'order' AND tenant_id = %(tenant)s AND %(platform)s IN ('all', platform)
    UNION ALL
    SELECT 'now', platform, 0, 0, 0, 0, 0, 0, 0, 0, amount, NULL, NULL, NULL
    FROM plain_expenses
    WHERE tenant_id = %(tenant)s AND %(platform)s IN ('all', platform) AND day BETWEEN %(first)s AND %(last)s
    UNION ALL
    -- A platform with nothing but orders that are told of only, or refunds of the other clock, is told of too.
    SELECT 'now', platform, 0, 0, 0, 0, 0, 0, 0, 0, 0, NULL, NULL, NULL
    FROM orders
    WHERE tenant_id = %(tenant)s AND %(platform)s IN ('all', platform) AND status <> 'cancelled' AND NOT test
      AND (placed_at AT TIME ZONE %(timezone)s)::date BETWEEN %(first)s AND %(last)s
    UNION ALL
    SELECT 'now', platform, 0, 0, 0, 0, 0, 0, 0, 0, 0, NULL, NULL, NULL
    FROM plain_refunds
    WHERE tenant_id = %(tenant)s AND %(platform)s IN ('all', platform)
      AND (day BETWEEN %(first)s AND %(last)s OR order_day BETWEEN %(first)s AND %(last)s)),
firsts AS (
    SELECT platform, customer_id, min(day) AS day FROM plain_orders
    WHERE tenant_id = %(tenant)s AND customer_id IS NOT NULL GROUP BY 1, 2),
sums AS (
    SELECT
        side, platform, sum(orders) AS orders, sum(gross) AS gross, sum(discounts) AS discounts, sum(shipping) AS shipping, sum(tax) AS tax,
        sum(units) AS units, sum(back) AS back, sum(units_back) AS units_back, sum(spent) AS spent, sum(gross - discounts - back) AS net,
        count(DISTINCT e.customer_id) AS customers,
        count(DISTINCT e.customer_id) FILTER (WHERE f.day >= e.first_day) AS new
    FROM event e LEFT JOIN firsts f USING (platform, customer_id)
    GROUP BY side, platform)
SELECT
    n.platform, n.gross AS "grossSales", n.discounts, n.back AS returns, n.net AS "netSales", n.shipping, n.tax,
    n.net + n.shipping + n.tax AS "totalSales", n.orders, n.units, (n.gross - n.discounts) / nullif(n.orders, 0) AS "averageOrderValue",
    n.customers, n.new AS "newCustomers", n.units_back * 100 / nullif(n.units, 0)::numeric AS "returnRate", n.spent AS expenses,
    n.net * 100 / nullif((SELECT sum(net) FROM sums WHERE side = 'now'), 0) AS share,
    (n.net - b.net) / nullif(abs(b.net), 0) AS "growth.netSales",
    (n.orders - b.orders) / nullif(b.orders, 0)::numeric AS "growth.orders",
    (n.units - b.units) / nullif(abs(b.units), 0)::numeric AS "growth.units"
FROM sums n LEFT JOIN sums b ON b.side = 'before' AND b.platform = n.platform
WHERE n.side = 'now'
ORDER BY n.net DESC, n.platform
