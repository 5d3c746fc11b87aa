/*
title = "Customer segments"
description = "Everybody who ever bought, by recency, frequency and monetary value (RFM), or by the segment stored of each customer."
formula = "R, F and M are 1 to 5: 1 + 5 x the share of the platform's customers with a lower value, rounded down, so equal values score equal; the lower value is the earlier last purchase (R), the fewer orders (F), the smaller net sales (M); FM = (F + M) / 2. champions: R >= 4 and FM >= 4; loyal: else R >= 3 and FM >= 3; promising: R >= 4 and FM >= 2; new: R >= 4; needs_attention: R = 3 and FM >= 2; almost_lost: R = 3; at_risk: FM >= 4; previously_loyal: FM >= 3; dormant: everybody else"
source = "RFM analysis as Shopify groups it, by R and (F + M) / 2; quintiles by cumulative distribution"
shape = "rows"
window = "none"
ttl = 3600
weight = 20
ready = "daily"
prewarm = [{}, { by = "stored" }]

[parameters]
by = { type = "text", default = "rfm", allowed = ["rfm", "stored"], doc = "Groups of RFM scores, or the segment stored of the customer." }
population = { type = "integer", default = 50, min = 1, max = 1000000, doc = "How many customers a platform must have for their scores to mean anything." }

[columns]
segment = { kind = "text", nullable = true, doc = "The group; null for customers of whom no segment is stored." }
customers = { kind = "count", nullable = true, min = 0, doc = "Customers in it; unknown where no platform has enough to be scored." }
customer_share = { kind = "percent", nullable = true, doc = "Of all customers told of." }
orders = { kind = "count", nullable = true, min = 0, doc = "Their orders, ever." }
net_sales = { kind = "money", nullable = true, doc = "Gross sales - discounts - returns, ever." }
sales_share = { kind = "percent", nullable = true, doc = "Of the net sales of all customers told of; unknown where those come to 0." }
average_value = { kind = "average", nullable = true, doc = "netSales / customers." }
average_orders = { kind = "ratio", nullable = true, doc = "orders / customers." }
average_days_since = { kind = "ratio", nullable = true, doc = "Local days since their last purchase." }

[warnings]
too_few_customers = "A platform has too few customers to be scored; its customers are left out."
*/
WITH bought AS MATERIALIZED (
    SELECT
        f.platform,
        f.orders,
        f.gross - f.discounts - coalesce(r.returns, 0) AS net_sales,
        f.last_day,
        nullif(c.segment, '') AS stored
    FROM customer_fact f
    LEFT JOIN customer_refund r ON r.tenant_id = %(tenant)s AND r.platform = f.platform AND r.customer_id = f.customer_id
    LEFT JOIN customers c
        ON %(by)s = 'stored' AND c.tenant_id = %(tenant)s AND c.platform = f.platform AND c.customer_id = f.customer_id
    WHERE f.tenant_id = %(tenant)s
      AND (%(platform)s = 'all' OR f.platform = %(platform)s)),
counted AS MATERIALIZED (
    SELECT platform, count(*) AS people FROM bought GROUP BY platform),
-- Of each platform the values that a fifth, two, three and four fifths do not exceed. Who is above the k-th of them has k fifths or more
-- below, equal values together: that needs three sorts of values, not of customers.
fifths AS MATERIALIZED (
    SELECT platform, days, often, much
    FROM counted
    CROSS JOIN LATERAL (
        -- The middle between two customers, so that no rounding of a share can lead to the wrong one.
        SELECT array_agg(((k * people + 4) / 5 - 0.5::double precision) / people ORDER BY k) AS shares FROM generate_series(1, 4) k) k
    CROSS JOIN LATERAL (
        SELECT
            percentile_disc(shares) WITHIN GROUP (ORDER BY last_day) AS days,
            percentile_disc(shares) WITHIN GROUP (ORDER BY orders) AS often,
            percentile_disc(shares) WITHIN GROUP (ORDER BY net_sales) AS much
        FROM bought
        WHERE bought.platform = counted.platform) v
    WHERE %(by)s = 'rfm' AND people >= %(population)s),
scored AS (
    SELECT
        orders, net_sales, last_day,
        CASE WHEN last_day > days[4] THEN 5 WHEN last_day > days[3] THEN 4 WHEN last_day > days[2] THEN 3
            WHEN last_day > days[1] THEN 2 ELSE 1 END AS r,
        CASE WHEN orders > often[4] THEN 5 WHEN orders > often[3] THEN 4 WHEN orders > often[2] THEN 3
            WHEN orders > often[1] THEN 2 ELSE 1 END AS f,
        CASE WHEN net_sales > much[4] THEN 5 WHEN net_sales > much[3] THEN 4 WHEN net_sales > much[2] THEN 3
            WHEN net_sales > much[1] THEN 2 ELSE 1 END AS m
    FROM bought
    JOIN fifths USING (platform)
    OFFSET 0),  -- So that each score is worked out once, not wherever it is named.
placed AS (
    SELECT
        CASE
            WHEN r >= 4 AND f + m >= 8 THEN 'champions'
            WHEN r >= 3 AND f + m >= 6 THEN 'loyal'
            WHEN r >= 4 AND f + m >= 4 THEN 'promising'
            WHEN r >= 4 THEN 'new'
            WHEN r = 3 AND f + m >= 4 THEN 'needs_attention'
            WHEN r = 3 THEN 'almost_lost'
            WHEN f + m >= 8 THEN 'at_risk'
            WHEN f + m >= 6 THEN 'previously_loyal'
            ELSE 'dormant'
        END AS segment,
        orders, net_sales, last_day
    FROM scored
    UNION ALL
    SELECT stored, orders, net_sales, last_day FROM bought WHERE %(by)s = 'stored'),
grouped AS (
    SELECT
        segment,
        count(*) AS customers,
        sum(orders) AS orders,
        sum(net_sales) AS net_sales,
        avg((%(as_of)s AT TIME ZONE %(timezone)s)::date - last_day) AS average_days_since
    FROM placed
    GROUP BY segment),
-- Every group is told, those without customers too, in the order of the formula.
listed AS (
    SELECT n, segment
    FROM unnest(ARRAY['champions', 'loyal', 'promising', 'new', 'needs_attention', 'almost_lost', 'at_risk', 'previously_loyal', 'dormant'])
        WITH ORDINALITY AS named (segment, n)
    WHERE %(by)s = 'rfm'
    UNION ALL
    SELECT 0, segment FROM grouped WHERE %(by)s = 'stored'),
whole AS (
    SELECT
        (SELECT sum(customers) FROM grouped) AS customers,
        (SELECT sum(net_sales) FROM grouped) AS net_sales,
        (SELECT string_agg(platform, ', ' ORDER BY platform) FROM counted WHERE people < %(population)s) AS too_few)
SELECT
    l.segment AS segment,
    CASE WHEN w.customers > 0 THEN coalesce(g.customers, 0) END AS customers,
    coalesce(g.customers, 0) * 100 / w.customers AS customer_share,
    CASE WHEN w.customers > 0 THEN coalesce(g.orders, 0) END AS orders,
    CASE WHEN w.customers > 0 THEN coalesce(g.net_sales, 0) END AS net_sales,
    coalesce(g.net_sales, 0) * 100 / nullif(w.net_sales, 0) AS sales_share,
    g.net_sales / g.customers AS average_value,
    g.orders / g.customers AS average_orders,
    g.average_days_since AS average_days_since,
    CASE WHEN %(by)s = 'rfm' AND (w.too_few IS NOT NULL OR w.customers IS NULL)
        THEN 'fewer than ' || %(population)s || ' customers, so without scores: ' || coalesce(w.too_few, 'the shop')
    END AS "warning too_few_customers"
FROM listed l
CROSS JOIN whole w
LEFT JOIN grouped g ON g.segment IS NOT DISTINCT FROM l.segment
ORDER BY l.n, g.customers DESC, l.segment NULLS LAST
