/*
title = "User growth"
description = "How many customers were created in each month, how many there were at its end, and how many bought for the first time, oldest first."
formula = "growth = (now - before) / before, against the month before; the running month against as much of the one before as has run"
source = "Analytics background jobs, user growth"
shape = "rows"
window = "trailing {months} months"
whole_months = true
ttl = 600
prewarm = [{}, { months = 6 }, { months = 24 }]

[parameters]
months = { type = "integer", default = 12, min = 1, max = 120, doc = "How many local months, the running one included." }

[columns]
month = { kind = "month", doc = "The local month." }
new_customers = { kind = "count", min = 0, doc = "Customers created in it; a customer is known per platform." }
growth = { kind = "ratio", nullable = true, doc = "Of newCustomers; unknown where there were none before." }
customers = { kind = "count", min = 0, doc = "Customers created up to its end." }
new_buyers = { kind = "count", min = 0, doc = "Customers whose first order falls in it." }

[warnings]
undated_customers = "Of some customers it is not known when they were created; they are left out."
*/
WITH created AS (
    SELECT date_trunc('month', day)::date AS month, sum(customers) AS customers
    FROM signup_day
    WHERE tenant_id = %(tenant)s AND (%(platform)s = 'all' OR platform = %(platform)s)
    GROUP BY 1),
bought AS (
    SELECT month, sum(customers) AS customers
    FROM cohort_month
    WHERE tenant_id = %(tenant)s AND cohort = month AND (%(platform)s = 'all' OR platform = %(platform)s)
    GROUP BY month),
clock AS (
    SELECT
        date_trunc('month', %(as_of)s AT TIME ZONE %(timezone)s)::date AS running,
        (%(as_of)s AT TIME ZONE %(timezone)s) - interval '1 month' AS cut),
-- The month before the running one, as far as that has run: its whole days, and the customers of the last one by their instants.
cut_before AS (
    SELECT
        coalesce((
            SELECT sum(s.customers) FROM signup_day s
            WHERE s.tenant_id = %(tenant)s
              AND s.day >= date_trunc('month', clock.cut)::date AND s.day < clock.cut::date
              AND (%(platform)s = 'all' OR s.platform = %(platform)s)), 0)
        + (
            SELECT count(*) FROM customers c
            WHERE c.tenant_id = %(tenant)s
              AND c.created_at >= (clock.cut::date - 1)::timestamp AT TIME ZONE %(timezone)s
              AND c.created_at < clock.cut AT TIME ZONE %(timezone)s
              AND (c.created_at AT TIME ZONE %(timezone)s)::date = clock.cut::date
              AND (%(platform)s = 'all' OR c.platform = %(platform)s)) AS customers
    FROM clock),
months AS (
    SELECT month::date AS month
    FROM (SELECT least((SELECT min(month) FROM created), (SELECT min(month) FROM bought)) AS month) earliest (first_month),
        generate_series(
            CASE WHEN %(from)s > '0001-01-01' THEN %(from)s ELSE first_month END::timestamp,
            %(to)s::timestamp, interval '1 month') month)
SELECT
    m.month AS month,
    coalesce(now.customers, 0) AS new_customers,
    (coalesce(now.customers, 0) - before.customers) / nullif(before.customers, 0) AS growth,
    coalesce((SELECT sum(c.customers) FROM created c WHERE c.month <= m.month), 0) AS customers,
    coalesce(b.customers, 0) AS new_buyers,
    CASE WHEN EXISTS (
        SELECT FROM customers c
        WHERE c.tenant_id = %(tenant)s AND c.created_at IS NULL AND (%(platform)s = 'all' OR c.platform = %(platform)s))
        THEN 'customers without a date of creation are left out' END AS "warning undated_customers"
FROM months m
CROSS JOIN clock
LEFT JOIN created now ON now.month = m.month
LEFT JOIN bought b ON b.month = m.month
CROSS JOIN LATERAL (
    SELECT CASE WHEN m.month = clock.running THEN (SELECT customers FROM cut_before)
        ELSE (SELECT c.customers FROM created c WHERE c.month = (m.month - interval '1 month')::date) END AS customers) before
ORDER BY m.month
