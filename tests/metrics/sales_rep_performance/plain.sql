WITH sides (side, first_day, last_day, until) AS (
    VALUES ('now', %(first)s::date, %(last)s::date, 'infinity'::timestamptz),
           ('before', %(before_first)s, %(before_last)s, %(before_until)s)),
events AS (
    SELECT side, platform, sales_rep_id, 1 AS orders, units, gross, discounts, 0 AS returns
    FROM sides JOIN plain_orders ON day BETWEEN first_day AND last_day AND placed_at < until
    WHERE tenant_id = %(tenant)s
    UNION ALL
    SELECT side, platform, sales_rep_id, 0, 0, 0, 0, amount
    FROM sides
    JOIN plain_refunds ON CASE WHEN %(clock)s = 'event' THEN day BETWEEN first_day AND last_day AND refunded_at < until
        ELSE order_day BETWEEN first_day AND last_day AND (
            order_day < last_day OR side = 'now' OR until >= (last_day + 1)::timestamp AT TIME ZONE %(timezone)s
            OR date_trunc('hour', order_local) < date_trunc('hour', until AT TIME ZONE %(timezone)s)) END
    WHERE tenant_id = %(tenant)s),
sums AS (
    SELECT
        side, platform, sales_rep_id, sum(orders) AS orders, sum(units) AS units, sum(gross) AS gross, sum(discounts) AS discounts,
        sum(returns) AS returns, sum(gross - discounts - returns) AS net, sum(gross - discounts) / nullif(sum(orders), 0) AS average
    FROM events
    WHERE sales_rep_id IS NOT NULL AND %(platform)s IN ('all', platform)
    GROUP BY side, platform, sales_rep_id),
now AS (
    SELECT s.*, r.name, r.region, r.commission_rate AS rate, s.net * r.commission_rate AS commission
    FROM sums s
    LEFT JOIN sales_reps r ON (r.tenant_id, r.platform, r.sales_rep_id) = (%(tenant)s, s.platform, s.sales_rep_id)
    WHERE s.side = 'now' AND (s.orders <> 0 OR s.returns <> 0))
SELECT
    n.sales_rep_id AS "salesRepId", n.platform AS platform, coalesce(n.name, n.sales_rep_id) AS name, n.region AS region,
    n.orders AS orders, n.units AS units, n.gross AS "grossSales", n.discounts AS discounts, n.returns AS returns, n.net AS "netSales",
    n.average AS "averageOrderValue", n.rate * 100 AS "commissionRate", n.commission AS commission,
    n.net * 100 / nullif((SELECT sum(net) FROM now), 0) AS share,
    (n.orders - b.orders) / nullif(b.orders, 0)::numeric AS "growth.orders",
    (n.units - b.units) / nullif(abs(b.units), 0)::numeric AS "growth.units",
    (n.gross - b.gross) / nullif(abs(b.gross), 0) AS "growth.grossSales",
    (n.net - b.net) / nullif(abs(b.net), 0) AS "growth.netSales",
    (n.average - b.average) / nullif(abs(b.average), 0) AS "growth.averageOrderValue"
FROM now n
LEFT JOIN sums b ON (b.side, b.platform, b.sales_rep_id) = ('before', n.platform, n.sales_rep_id)
ORDER BY CASE %(sort)s WHEN 'gross_sales' THEN n.gross WHEN 'orders' THEN n.orders WHEN 'units' THEN n.units
    WHEN 'commission' THEN n.commission ELSE n.net END DESC NULLS LAST, n.sales_rep_id, n.platform
LIMIT %(limit)s
