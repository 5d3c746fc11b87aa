/*
title = "Real time"
description = "Orders, sales and visitors of the last 5 and 60 minutes and of today, then of each local hour of today; as of the last refresh."
formula = "netSales = gross - discounts - returns, when they happen"
source = "Sales analytics at traffic, real-time metrics"
shape = "rows"
window = "none"
ttl = 30

[columns]
span = { kind = "text", doc = "5 minutes, 60 minutes, today or hour." }
starts = { kind = "period", doc = "When it began, by the local clock: YYYY-MM-DDTHH:MM." }
orders = { kind = "count", min = 0, doc = "Orders placed, neither cancelled nor test." }
units = { kind = "count", doc = "Units ordered." }
net_sales = { kind = "money", doc = "Gross sales less discounts and returns." }
visits = { kind = "count", nullable = true, min = 0, doc = "Visits; unknown where none were ever known." }
visitors = { kind = "count", nullable = true, min = 0, doc = "Distinct visitors, known per platform; likewise." }
*/
WITH clock AS (
    SELECT local, local::date AS today FROM (SELECT %(as_of)s AT TIME ZONE %(timezone)s AS local) l),
known AS (
    SELECT EXISTS (
        SELECT FROM activity_day
        WHERE tenant_id = %(tenant)s AND (%(platform)s = 'all' OR platform = %(platform)s)) AS visits),
spans (place, span, since) AS (
    VALUES (1, '5 minutes', %(as_of)s - interval '5 minutes'), (2, '60 minutes', %(as_of)s - interval '60 minutes')),
hours AS (
    SELECT DISTINCT date_trunc('hour', instant AT TIME ZONE %(timezone)s) AS starts
    FROM clock, generate_series(
        (today::timestamp - interval '3 hours') AT TIME ZONE %(timezone)s, %(as_of)s, interval '15 minutes') instant
    WHERE (instant AT TIME ZONE %(timezone)s)::date = today),
-- The last minutes, from short stretches of time.
lately AS (
    SELECT placed_at AS at, orders, units, gross - discounts AS net, 0 AS visits, NULL AS visitor
    FROM order_fact
    WHERE tenant_id = %(tenant)s
      AND placed_at > %(as_of)s - interval '60 minutes' AND placed_at <= %(as_of)s
      AND (%(platform)s = 'all' OR platform = %(platform)s)
    UNION ALL
    SELECT refunded_at, 0, 0, -amount, 0, NULL
    FROM refund_fact
    WHERE tenant_id = %(tenant)s
      AND refunded_at > %(as_of)s - interval '60 minutes' AND refunded_at <= %(as_of)s
      AND (%(platform)s = 'all' OR platform = %(platform)s)
    UNION ALL
    SELECT occurred_at, 0, 0, 0, (kind = 'visit')::integer, platform || ' ' || visitor_id
    FROM activity
    WHERE tenant_id = %(tenant)s
      AND occurred_at > %(as_of)s - interval '60 minutes' AND occurred_at <= %(as_of)s
      AND (%(platform)s = 'all' OR platform = %(platform)s)),
figures AS (
    SELECT
        spans.place, spans.span, spans.since AT TIME ZONE %(timezone)s AS starts,
        sum(l.orders) AS orders, sum(l.units) AS units, sum(l.net) AS net, sum(l.visits) AS visits,
        count(DISTINCT l.visitor) AS visitors
    FROM spans
    LEFT JOIN lately l ON l.at > spans.since
    GROUP BY spans.place, spans.span, spans.since
    UNION ALL
    SELECT 3, 'today', clock.today, s.orders, s.units, s.net, a.visits, a.visitors
    FROM clock
    CROSS JOIN LATERAL (
        SELECT sum(orders) AS orders, sum(units) AS units, sum(gross - discounts - returns) AS net
        FROM sales_day
        WHERE tenant_id = %(tenant)s AND day = clock.today AND (%(platform)s = 'all' OR platform = %(platform)s)) s
    CROSS JOIN LATERAL (
        SELECT sum(events) FILTER (WHERE kind = 'visit') AS visits, sum(visitors) FILTER (WHERE kind = 'all') AS visitors
        FROM activity_day
        WHERE tenant_id = %(tenant)s AND day = clock.today AND (%(platform)s = 'all' OR platform = %(platform)s)) a
    UNION ALL
    SELECT 4, 'hour', hours.starts, s.orders, s.units, s.net, a.visits, a.visitors
    FROM hours
    CROSS JOIN LATERAL (
        SELECT sum(orders) AS orders, sum(units) AS units, sum(gross - discounts - returns) AS net
        FROM sales_hour
        WHERE tenant_id = %(tenant)s AND day = hours.starts::date AND hour = extract(hour FROM hours.starts)
          AND (%(platform)s = 'all' OR platform = %(platform)s)) s
    CROSS JOIN LATERAL (
        SELECT sum(visits) AS visits, sum(visitors) AS visitors
        FROM activity_hour
        WHERE tenant_id = %(tenant)s AND day = hours.starts::date AND hour = extract(hour FROM hours.starts)
          AND (%(platform)s = 'all' OR platform = %(platform)s)) a)
SELECT
    f.span AS span,
    to_char(f.starts, 'YYYY-MM-DD"T"HH24:MI') AS starts,
    coalesce(f.orders, 0) AS orders,
    coalesce(f.units, 0) AS units,
    coalesce(f.net, 0) AS net_sales,
    CASE WHEN known.visits THEN coalesce(f.visits, 0) END AS visits,
    CASE WHEN known.visits THEN coalesce(f.visitors, 0) END AS visitors
FROM figures f
CROSS JOIN known
ORDER BY f.place, f.starts
