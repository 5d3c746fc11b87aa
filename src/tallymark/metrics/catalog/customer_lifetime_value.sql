/*
title = "Customer lifetime value"
description = "What customers have been worth so far, and what they are expected to bring in the next twelve months: of everybody, or of one customer."
formula = "historic = gross sales - discounts - returns of each customer, ever; predicted: purchases by BG/NBD x the value of a purchase by Gamma-Gamma, both fitted by maximum likelihood; lifetimeValue = historic.average + predicted.value"
source = "Fader, Hardie and Lee 2005 (BG/NBD); Fader and Hardie 2013 (Gamma-Gamma)"
shape = "object"
window = "none"
ttl = 3600
weight = 10
ready = "daily"
prewarm = [{}]

[parameters]
customer_id = { type = "text", default = "", doc = "One customer, by the id on the platform; everybody where none is named." }

[columns]
customers = { kind = "count", min = 0, doc = "Customers who ever bought; a customer is known per platform." }
orders = { kind = "count", min = 0, doc = "Their orders." }
"historic.total" = { kind = "money", doc = "Gross sales - discounts - returns of all of them, ever." }
"historic.average" = { kind = "average", nullable = true, doc = "historic.total / customers." }
"historic.median" = { kind = "money", nullable = true, doc = "The least that at least half of them do not exceed." }
"historic.largest" = { kind = "money", nullable = true, doc = "The most of one customer." }
"predicted.purchases" = { kind = "ratio", nullable = true, doc = "Days of purchase expected of a customer in twelve months." }
"predicted.value" = { kind = "average", nullable = true, doc = "Sales less discounts expected of a customer in twelve months; returns are not foretold." }
"predicted.total" = { kind = "average", nullable = true, doc = "The same of all of them." }
lifetime_value = { kind = "average", nullable = true, doc = "historic.average + predicted.value." }
"model.fitted_on" = { kind = "day", nullable = true, doc = "The local day of the fit; days before it count." }
"model.customers" = { kind = "count", nullable = true, doc = "Customers it is about." }
"model.repeat_customers" = { kind = "count", nullable = true, doc = "Those who bought on two days or more." }
"model.holdout_error" = { kind = "ratio", nullable = true, doc = "Purchases foretold of the last quarter of the history / those that came - 1; of several platforms the worst." }
"model.correlation" = { kind = "ratio", nullable = true, doc = "Of how often customers buy and how much each time, which the model takes to be independent; of several platforms the largest." }
"model.*" = { kind = "ratio", nullable = true, doc = "A parameter, time in weeks; unknown for several platforms together, of which each has its own." }

[warnings]
too_little_history = "A platform has fewer than 200 customers who came back, or less than six months of history: nothing is foretold."
value_depends_on_frequency = "Customers who buy often spend otherwise each time, which the model does not know."
*/
WITH bought AS (
    SELECT f.platform, f.orders, f.first_day, f.last_day, f.days, f.gross - f.discounts AS spent,
        f.gross - f.discounts - coalesce(r.returns, 0) AS net_sales
    FROM customer_fact f
    LEFT JOIN customer_refund r ON r.tenant_id = %(tenant)s AND r.platform = f.platform AND r.customer_id = f.customer_id
    WHERE f.tenant_id = %(tenant)s
      AND (%(platform)s = 'all' OR f.platform = %(platform)s)
      AND (%(customer_id)s = '' OR f.customer_id = %(customer_id)s)),
historic AS (
    SELECT
        count(*) AS customers,
        coalesce(sum(orders), 0) AS orders,
        coalesce(sum(net_sales), 0) AS total,
        percentile_disc(0.5) WITHIN GROUP (ORDER BY net_sales) AS median,
        max(net_sales) AS largest
    FROM bought),
fits AS (
    SELECT *
    FROM lifetime_fit
    WHERE tenant_id = %(tenant)s
      AND (%(platform)s = 'all' OR platform = %(platform)s)
      AND (%(customer_id)s = '' OR platform IN (SELECT platform FROM bought))),
-- Of one customer by the formulas, of everybody as summed up when the models were fitted.
foretold AS (
    SELECT fits.customers AS people, expected_purchases AS purchases, expected_sales AS sales
    FROM fits
    WHERE %(customer_id)s = ''
    UNION ALL
    SELECT
        1,
        c.purchases,
        c.purchases * f.p * (f.v + c.repeat_spent) / (f.p * c.x + f.q - 1)
    FROM fits f
    CROSS JOIN LATERAL (
        SELECT
            d.x,
            d.spent AS repeat_spent,
            expected_purchases(365 / 7.0::double precision, d.x, d.recency / 7.0::double precision, d.age / 7.0::double precision,
                f.r, f.alpha, f.a, f.b) AS purchases
        FROM (
            SELECT
                count(*) - 1 AS x,
                max(day) - min(day) AS recency,
                f.fitted_on - min(day) AS age,
                coalesce(sum(gross - discounts) FILTER (WHERE prev_day > '-infinity'), 0)::double precision AS spent
            FROM customer_day
            WHERE tenant_id = %(tenant)s AND platform = f.platform AND customer_id = %(customer_id)s AND day < f.fitted_on
            HAVING count(*) > 0) d) c
    WHERE %(customer_id)s <> ''),
model AS (
    SELECT
        count(*) AS platforms,
        max(fitted_on) AS fitted_on,
        sum(customers) AS customers,
        sum(repeat_customers) AS repeat_customers,
        (array_agg(holdout_error ORDER BY abs(holdout_error) DESC NULLS LAST))[1]::numeric AS holdout_error,
        (array_agg(correlation ORDER BY abs(correlation) DESC NULLS LAST))[1]::numeric AS correlation,
        min(r)::numeric AS r, min(alpha)::numeric AS alpha, min(a)::numeric AS a, min(b)::numeric AS b,
        min(p)::numeric AS p, min(q)::numeric AS q, min(v)::numeric AS v
    FROM fits),
predicted AS (
    SELECT
        sum(purchases)::numeric / nullif(sum(people), 0) AS purchases,
        sum(sales)::numeric / nullif(sum(people), 0) AS value,
        sum(sales)::numeric AS total
    FROM foretold
    HAVING count(*) = count(sales))
SELECT
    h.customers AS customers,
    h.orders AS orders,
    h.total AS "historic.total",
    h.total / nullif(h.customers, 0) AS "historic.average",
    h.median AS "historic.median",
    h.largest AS "historic.largest",
    p.purchases AS "predicted.purchases",
    p.value AS "predicted.value",
    p.total AS "predicted.total",
    h.total / nullif(h.customers, 0) + p.value AS lifetime_value,
    m.fitted_on AS "model.fitted_on",
    m.customers AS "model.customers",
    m.repeat_customers AS "model.repeat_customers",
    m.holdout_error AS "model.holdout_error",
    m.correlation AS "model.correlation",
    CASE WHEN m.platforms = 1 THEN m.r END AS "model.r",
    CASE WHEN m.platforms = 1 THEN m.alpha END AS "model.alpha",
    CASE WHEN m.platforms = 1 THEN m.a END AS "model.a",
    CASE WHEN m.platforms = 1 THEN m.b END AS "model.b",
    CASE WHEN m.platforms = 1 THEN m.p END AS "model.p",
    CASE WHEN m.platforms = 1 THEN m.q END AS "model.q",
    CASE WHEN m.platforms = 1 THEN m.v END AS "model.v",
    CASE WHEN p.value IS NULL AND h.customers > 0 THEN 'too few customers came back, or there are no six months yet'
    END AS "warning too_little_history",
    CASE WHEN abs(m.correlation) > 0.3 THEN 'correlation of purchases and their value: ' || round(m.correlation, 2)
    END AS "warning value_depends_on_frequency"
FROM historic h
CROSS JOIN model m
LEFT JOIN predicted p ON true
