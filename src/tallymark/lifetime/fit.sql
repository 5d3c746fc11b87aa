-- What the models of lifetime value are fitted to, and where the fit is kept. Only whole days count: those before today.

-- platforms --
-- Each platform's customers, how many of them bought on a second day, and since when there are any. fitted_on: the last fit.
SELECT b.platform, b.first_day, b.customers, coalesce(r.customers, 0), f.fitted_on
FROM (
    SELECT platform, min(day) AS first_day, sum(new_customers)::bigint AS customers
    FROM buyers_day WHERE tenant_id = %(tenant)s AND day < %(today)s
    GROUP BY platform) b
LEFT JOIN (
    SELECT platform, count(*) AS customers FROM customer_fact
    WHERE tenant_id = %(tenant)s AND days > 1
    GROUP BY platform) r USING (platform)
LEFT JOIN lifetime_fit f ON f.tenant_id = %(tenant)s AND f.platform = b.platform
ORDER BY b.platform

-- sample --
-- One customer in so many, always the same ones: purchases after the first, days from the first to the last and to today, what the
-- repeat purchases were worth; the first two as they stood at the cutoff, and purchases since; null for who came later.
SELECT count(*) - 1 AS x, max(day) - min(day) AS recency, %(today)s - min(day) AS age,
    coalesce(sum(gross - discounts) FILTER (WHERE prev_day > '-infinity'), 0)::double precision AS spent,
    count(*) FILTER (WHERE day < %(cutoff)s) - 1 AS cut_x, max(day) FILTER (WHERE day < %(cutoff)s) - min(day) AS cut_recency,
    count(*) FILTER (WHERE day >= %(cutoff)s) AS later
FROM customer_day
WHERE tenant_id = %(tenant)s AND platform = %(platform)s AND day < %(today)s
  AND abs(hashtext(customer_id)::bigint) %% %(shares)s = 0
GROUP BY customer_id

-- groups --
-- All customers, those alike together.
SELECT x, recency, age, count(*) AS customers, sum(spent)::double precision AS spent
FROM (
    SELECT count(*) - 1 AS x, max(day) - min(day) AS recency, %(today)s - min(day) AS age,
        coalesce(sum(gross - discounts) FILTER (WHERE prev_day > '-infinity'), 0) AS spent
    FROM customer_day
    WHERE tenant_id = %(tenant)s AND platform = %(platform)s AND day < %(today)s
    GROUP BY customer_id) each
GROUP BY x, recency, age

-- store --
-- The fit of one platform, or that there is none.
INSERT INTO lifetime_fit (tenant_id, platform, fitted_on, fitted_at, first_day, customers, repeat_customers, r, alpha, a, b, p, q, v,
    correlation, holdout_error, expected_purchases, expected_sales, active_customers)
VALUES (%(tenant)s, %(platform)s, %(today)s, %(now)s, %(first_day)s, %(customers)s, %(repeat_customers)s, %(r)s, %(alpha)s, %(a)s, %(b)s,
    %(p)s, %(q)s, %(v)s, %(correlation)s, %(holdout_error)s, %(expected_purchases)s, %(expected_sales)s, %(active_customers)s)
ON CONFLICT (tenant_id, platform) DO UPDATE SET fitted_on = EXCLUDED.fitted_on, fitted_at = EXCLUDED.fitted_at,
    first_day = EXCLUDED.first_day, customers = EXCLUDED.customers, repeat_customers = EXCLUDED.repeat_customers,
    r = EXCLUDED.r, alpha = EXCLUDED.alpha, a = EXCLUDED.a, b = EXCLUDED.b, p = EXCLUDED.p, q = EXCLUDED.q, v = EXCLUDED.v,
    correlation = EXCLUDED.correlation, holdout_error = EXCLUDED.holdout_error, expected_purchases = EXCLUDED.expected_purchases,
    expected_sales = EXCLUDED.expected_sales, active_customers = EXCLUDED.active_customers
