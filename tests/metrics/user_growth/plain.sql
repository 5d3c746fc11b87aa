WITH customer AS (
    SELECT created_at AT TIME ZONE %(timezone)s AS local
    FROM customers
    WHERE tenant_id = %(tenant)s AND %(platform)s IN ('all', platform) AND created_at IS NOT NULL),
buyer AS (
    SELECT date_trunc('month', min(day)) AS month
    FROM plain_orders
    WHERE tenant_id = %(tenant)s AND %(platform)s IN ('all', platform) AND customer_id IS NOT NULL
    GROUP BY platform, customer_id),
begins AS (
    SELECT CASE WHEN %(first)s > '0001-01-01' THEN %(first)s::timestamp
        ELSE least((SELECT date_trunc('month', min(local)) FROM customer), (SELECT min(month) FROM buyer)) END AS month),
now AS (SELECT %(as_of)s AT TIME ZONE %(timezone)s AS local),
counted AS (
    SELECT
        m.month,
        (SELECT count(*) FROM customer WHERE date_trunc('month', local) = m.month) AS created,
        (SELECT count(*) FROM customer WHERE date_trunc('month', local) = m.month - interval '1 month'
            AND (m.month <> date_trunc('month', now.local) OR local < now.local - interval '1 month')) AS before
    FROM now, begins, generate_series(begins.month, %(last)s::timestamp, '1 month') AS m (month))
SELECT
    month::date AS month,
    created AS "newCustomers",
    (created - before)::numeric / nullif(before, 0) AS growth,
    (SELECT count(*) FROM customer WHERE local < counted.month + interval '1 month') AS customers,
    (SELECT count(*) FROM buyer WHERE buyer.month = counted.month) AS "newBuyers"
FROM counted
ORDER BY month
