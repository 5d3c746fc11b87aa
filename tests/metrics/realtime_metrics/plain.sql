WITH clock AS (SELECT %(as_of)s AT TIME ZONE %(timezone)s AS local),
span AS (
    SELECT 1 AS place, '5 minutes' AS span, (%(as_of)s - interval '5 minutes') AT TIME ZONE %(timezone)s AS starts
    UNION ALL SELECT 2, '60 minutes', (%(as_of)s - interval '60 minutes') AT TIME ZONE %(timezone)s
    UNION ALL SELECT 3, 'today', date_trunc('day', local) FROM clock
    UNION ALL
    SELECT DISTINCT 4, 'hour', date_trunc('hour', instant AT TIME ZONE %(timezone)s)
    FROM clock, generate_series(%(as_of)s - interval '26 hours', %(as_of)s, '1 minute') instant
    WHERE (instant AT TIME ZONE %(timezone)s)::date = local::date),
happened AS (
    SELECT tenant_id, platform, placed_at AS at, 1 AS orders, units, gross - discounts AS net, 0 AS visits, NULL AS visitor_id FROM plain_orders
    UNION ALL SELECT tenant_id, platform, refunded_at, 0, 0, -amount, 0, NULL FROM plain_refunds
    UNION ALL SELECT tenant_id, platform, occurred_at, 0, 0, 0, (kind = 'visit')::integer, visitor_id FROM activity),
counted AS (
    SELECT s.*, h.platform AS where_from, h.orders, h.units, h.net, h.visits, h.visitor_id
    FROM span s
    CROSS JOIN clock
    LEFT JOIN happened h
        ON h.tenant_id = %(tenant)s AND %(platform)s IN ('all', h.platform) AND CASE s.span
            WHEN '5 minutes' THEN at > %(as_of)s - interval '5 minutes' AND at <= %(as_of)s
            WHEN '60 minutes' THEN at > %(as_of)s - interval '60 minutes' AND at <= %(as_of)s
            WHEN 'today' THEN (at AT TIME ZONE %(timezone)s)::date = local::date
            ELSE date_trunc('hour', at AT TIME ZONE %(timezone)s) = s.starts END),
known AS (SELECT EXISTS (SELECT FROM activity WHERE tenant_id = %(tenant)s AND %(platform)s IN ('all', platform)) AS visits)
SELECT
    span, to_char(starts, 'YYYY-MM-DD"T"HH24:MI') AS starts,
    coalesce(sum(c.orders), 0) AS orders, coalesce(sum(c.units), 0) AS units, coalesce(sum(c.net), 0) AS "netSales",
    CASE WHEN known.visits THEN coalesce(sum(c.visits), 0) END AS visits,
    CASE WHEN known.visits THEN count(DISTINCT (where_from, visitor_id)) FILTER (WHERE visitor_id <> '') END AS visitors
FROM counted c, known
GROUP BY place, span, starts, known.visits
ORDER BY place, starts
