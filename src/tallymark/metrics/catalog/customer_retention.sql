/*
title = "Customer retention"
description = "Of the customers who first bought in a month, how many bought in each month since: one row for each cohort and month, oldest first."
formula = "retention = customers of the cohort who bought in the month / customers of the cohort x 100"
source = "Monthly cohorts, as Shopify and Fivetran report them"
shape = "rows"
window = "trailing {months} months"
whole_months = true
ttl = 3600
weight = 2
prewarm = [{}]

[parameters]
months = { type = "integer", default = 12, min = 1, max = 120, doc = "How many months of first purchases, the running one included." }
horizon = { type = "integer", default = 12, min = 0, max = 120, doc = "How many months after the first are told." }

[columns]
cohort = { kind = "month", doc = "The local month of the first purchase." }
size = { kind = "count", min = 0, doc = "Customers who first bought in it; a customer is known per platform, guests are in none." }
months_since = { kind = "count", min = 0, doc = "0 is the month of the cohort itself." }
month = { kind = "month", doc = "The month told of." }
customers = { kind = "count", nullable = true, min = 0, doc = "Those of them who bought in it; unknown until the month is over." }
retention = { kind = "percent", nullable = true, doc = "Of the cohort; unknown until the month is over." }

[warnings]
incomplete_cohort = "The month of a cohort is not over, so it may still grow."
*/
WITH bought AS (
    SELECT cohort, month, sum(customers) AS customers
    FROM cohort_month
    WHERE tenant_id = %(tenant)s
      AND cohort BETWEEN %(from)s AND %(to)s
      AND (%(platform)s = 'all' OR platform = %(platform)s)
    GROUP BY cohort, month),
cells AS (
    SELECT
        cohort,
        customers AS size,
        months_since,
        (cohort + months_since * interval '1 month')::date AS month,
        cohort + (months_since + 1) * interval '1 month' <= (%(as_of)s AT TIME ZONE %(timezone)s)::date AS is_over,
        cohort + interval '1 month' > (%(as_of)s AT TIME ZONE %(timezone)s)::date AS may_grow
    FROM bought, generate_series(0, %(horizon)s) AS months_since
    WHERE month = cohort)
SELECT
    c.cohort AS cohort,
    c.size AS size,
    c.months_since AS months_since,
    c.month AS month,
    CASE WHEN c.is_over THEN coalesce(b.customers, 0) END AS customers,
    CASE WHEN c.is_over THEN coalesce(b.customers, 0) * 100 / c.size END AS retention,
    CASE WHEN c.may_grow THEN 'not over yet: ' || to_char(c.cohort, 'YYYY-MM') END AS "warning incomplete_cohort",
    coalesce(b.customers <= c.size, true) AS "check no more came back than there are"
FROM cells c
LEFT JOIN bought b ON b.cohort = c.cohort AND b.month = c.month
ORDER BY c.cohort, c.months_since
