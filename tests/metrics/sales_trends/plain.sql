WITH bounds AS (
    SELECT CASE WHEN %(first)s > '0001-01-01' THEN %(first)s::date ELSE min(day) END AS first_day
    FROM (
        SELECT (o.placed_at AT TIME ZONE %(timezone)s)::date AS day FROM orders o
        WHERE tenant_id = %(tenant)s AND %(platform)s IN ('all', platform) AND status <> 'cancelled' AND NOT test
        UNION ALL
        SELECT unnest(ARRAY[day, order_day]) FROM plain_refunds WHERE tenant_id = %(tenant)s AND %(platform)s IN ('all', platform)) d
    WHERE day <= %(last)s),
-- Every minute of the window, so that hours which the clocks skip are missing and those which they repeat are there once.
periods AS (
    SELECT DISTINCT date_trunc(%(granularity)s, moment AT TIME ZONE %(timezone)s) AS starts
    FROM bounds, generate_series(
        (first_day - 1)::timestamp AT TIME ZONE 'UTC', (%(last)s::date + 2)::timestamp AT TIME ZONE 'UTC', interval '30 minutes') moment
    WHERE (moment AT TIME ZONE %(timezone)s)::date BETWEEN first_day AND %(last)s),
placed AS (
    SELECT date_trunc(%(granularity)s, local) AS starts, * FROM plain_orders
    WHERE tenant_id = %(tenant)s AND %(platform)s IN ('all', platform) AND day BETWEEN %(first)s AND %(last)s),
sold AS (
    SELECT starts, sum(gross) AS gross, sum(discounts) AS discounts, sum(shipping) AS shipping, sum(tax) AS tax,
        count(*) AS orders, sum(units) AS units
    FROM placed GROUP BY starts),
back AS (
    SELECT date_trunc(%(granularity)s, CASE %(clock)s WHEN 'order' THEN order_local ELSE local END) AS starts, sum(amount) AS returns
    FROM plain_refunds
    WHERE tenant_id = %(tenant)s AND %(platform)s IN ('all', platform)
      AND CASE %(clock)s WHEN 'order' THEN order_day ELSE day END BETWEEN %(first)s AND %(last)s
    GROUP BY 1),
buyers AS (
    SELECT starts, count(*) AS customers, count(*) FILTER (WHERE bought = ever) AS new
    FROM (
        SELECT starts, min(day) AS bought, ever
        FROM placed
        JOIN (SELECT platform, customer_id, min(day) AS ever FROM plain_orders WHERE tenant_id = %(tenant)s GROUP BY 1, 2) e
            USING (platform, customer_id)
        GROUP BY starts, platform, customer_id, ever) b
    GROUP BY starts),
sums AS (
    SELECT
        starts, coalesce(gross, 0) AS gross, coalesce(discounts, 0) AS discounts, coalesce(returns, 0) AS returns,
        coalesce(gross, 0) - coalesce(discounts, 0) - coalesce(returns, 0) AS net, coalesce(shipping, 0) AS shipping,
        coalesce(tax, 0) AS tax, coalesce(orders, 0) AS orders, coalesce(units, 0) AS units,
        CASE WHEN %(granularity)s <> 'hour' THEN coalesce(customers, 0) END AS customers,
        CASE WHEN %(granularity)s <> 'hour' THEN coalesce(new, 0) END AS new
    FROM periods LEFT JOIN sold USING (starts) LEFT JOIN back USING (starts) LEFT JOIN buyers USING (starts))
SELECT
    to_char(starts, CASE %(granularity)s WHEN 'hour' THEN 'YYYY-MM-DD"T"HH24:MI' WHEN 'month' THEN 'YYYY-MM' ELSE 'YYYY-MM-DD' END) AS period,
    gross AS "grossSales", discounts, returns, net AS "netSales", shipping, tax, net + shipping + tax AS "totalSales",
    orders, units, (gross - discounts) / nullif(orders, 0) AS "averageOrderValue",
    customers, new AS "newCustomers", customers - new AS "returningCustomers"
FROM sums
ORDER BY starts
