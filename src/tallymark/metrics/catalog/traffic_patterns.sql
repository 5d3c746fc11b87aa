/*
title = "Traffic patterns"
description = "When people buy: each local hour of each weekday, and what such an hour brings on average. Always 168 rows, from Monday 00:00."
formula = "ordersPerHour = orders / hours; netSalesPerHour = netSales / hours, where hours is how often that hour of that weekday occurred within the window"
source = "Performance documents: traffic patterns by hour; hours are counted, as clocks change"
shape = "rows"
window = "trailing {days} days"
ttl = 900
weight = 2
prewarm = [{}]

[parameters]
days = { type = "integer", default = 28, min = 1, max = 732, doc = "How many local days, today included." }

[columns]
weekday = { kind = "count", min = 1, doc = "1 is Monday, 7 Sunday." }
hour = { kind = "count", min = 0, doc = "The hour by the local clock, 0 to 23." }
hours = { kind = "count", min = 0, doc = "How often it occurred: a day on which clocks change may have it twice or not at all; of today only the hours that have begun." }
orders = { kind = "count", min = 0, doc = "Orders placed." }
units = { kind = "count", doc = "Units ordered." }
net_sales = { kind = "money", doc = "Gross sales - discounts - returns; returns when they happen, or when their order was placed (`clock`)." }
orders_per_hour = { kind = "ratio", nullable = true, doc = "Unknown where the hour never occurred." }
net_sales_per_hour = { kind = "average", nullable = true, doc = "Unknown where the hour never occurred." }
share = { kind = "percent", nullable = true, doc = "Of all orders; unknown without orders." }

[warnings]
incomplete_period = "Today has not ended."
*/
WITH sold AS (
    SELECT
        extract(isodow FROM day) AS weekday, hour,
        sum(orders) AS orders, sum(units) AS units,
        sum(gross) - sum(discounts) - sum(CASE WHEN %(clock)s = 'order' THEN order_returns ELSE returns END) AS net
    FROM sales_hour
    WHERE tenant_id = %(tenant)s
      AND day BETWEEN %(from)s AND %(to)s
      AND (%(platform)s = 'all' OR platform = %(platform)s)
    GROUP BY 1, 2),
-- Where the window has no beginning, from the first day with sales; never beyond today.
span AS (
    SELECT
        CASE WHEN %(from)s > '0001-01-01' THEN %(from)s ELSE min(day) END AS first_day,
        least(%(to)s, (%(as_of)s AT TIME ZONE %(timezone)s)::date) AS last_day,
        (%(as_of)s AT TIME ZONE %(timezone)s)::date AS today
    FROM sales_day
    WHERE tenant_id = %(tenant)s
      AND day BETWEEN %(from)s AND %(to)s
      AND (%(platform)s = 'all' OR platform = %(platform)s)),
-- Most days have each hour once. Today, and days about which the clocks change, are looked at hour by hour.
days AS (
    SELECT
        at::date AS day,
        extract(isodow FROM at) AS weekday,
        at::date < span.today
            AND (at + interval '27 hours') AT TIME ZONE %(timezone)s - (at - interval '3 hours') AT TIME ZONE %(timezone)s
                = interval '30 hours' AS plain
    FROM span
    CROSS JOIN generate_series(span.first_day::timestamp, span.last_day::timestamp, interval '1 day') AS d(at)),
occurred AS (
    SELECT weekday, hour, sum(times) AS hours
    FROM (
        SELECT weekday, hour, times
        FROM (SELECT weekday, count(*) AS times FROM days WHERE plain GROUP BY weekday) whole
        CROSS JOIN generate_series(0, 23) AS hour
        UNION ALL
        SELECT days.weekday, extract(hour FROM instant AT TIME ZONE %(timezone)s), 1
        FROM days
        CROSS JOIN LATERAL generate_series(
            (days.day - interval '3 hours') AT TIME ZONE %(timezone)s,
            (days.day + interval '27 hours') AT TIME ZONE %(timezone)s,
            interval '1 hour') AS instant
        WHERE NOT days.plain
          AND (instant AT TIME ZONE %(timezone)s)::date = days.day
          AND instant <= %(as_of)s) counted
    GROUP BY weekday, hour)
SELECT
    w AS weekday,
    h AS hour,
    coalesce(o.hours, 0) AS hours,
    coalesce(s.orders, 0) AS orders,
    coalesce(s.units, 0) AS units,
    coalesce(s.net, 0) AS net_sales,
    coalesce(s.orders, 0) / nullif(o.hours, 0) AS orders_per_hour,
    coalesce(s.net, 0) / nullif(o.hours, 0) AS net_sales_per_hour,
    coalesce(s.orders, 0) * 100 / nullif(sum(s.orders) OVER (), 0) AS share,
    CASE WHEN span.last_day = span.today THEN span.today || ' has not ended' END AS "warning incomplete_period"
FROM generate_series(1, 7) AS w
CROSS JOIN generate_series(0, 23) AS h
CROSS JOIN span
LEFT JOIN occurred o ON o.weekday = w AND o.hour = h
LEFT JOIN sold s ON s.weekday = w AND s.hour = h
ORDER BY w, h
