WITH bought AS (
    SELECT DISTINCT platform, customer_id, date_trunc('month', day)::date AS month
    FROM plain_orders
    WHERE tenant_id = %(tenant)s AND %(platform)s IN ('all', platform) AND customer_id IS NOT NULL),
joined AS (SELECT platform, customer_id, min(month) AS cohort FROM bought GROUP BY platform, customer_id)
SELECT
    cohort AS cohort,
    count(*) AS size,
    n AS "monthsSince",
    month AS month,
    CASE WHEN over THEN count(came) END AS customers,
    CASE WHEN over THEN count(came) * 100 / count(*)::numeric END AS retention
FROM joined
CROSS JOIN generate_series(0, %(horizon)s) n
CROSS JOIN LATERAL (SELECT (cohort + make_interval(months => n))::date AS month) cell
CROSS JOIN LATERAL (
    SELECT date_trunc('month', %(as_of)s AT TIME ZONE %(timezone)s) > month AS over) complete
LEFT JOIN LATERAL (
    SELECT 1 AS came FROM bought b WHERE (b.platform, b.customer_id, b.month) = (joined.platform, joined.customer_id, cell.month)) c ON true
WHERE cohort BETWEEN %(first)s AND %(last)s
GROUP BY cohort, n, month, over
ORDER BY cohort, n
