-- What else a shop has. Every statement here is run once, in this order.

-- bills --
-- Why: what running the shop costs besides the goods: as shares of what was probably sold, with some noise. Advertising
-- and payments are charged by the day, parcels and the marketplace's fees by the week (for the seven days before),
-- the shop's own costs (platform 'store') by the month. In cents.
CREATE TABLE bills AS
WITH trade AS (
    SELECT platform, day, sum(next_order - first_order)::BIGINT AS orders FROM cells GROUP BY platform, day
), weeks AS (
    SELECT platform, day,
           sum(orders) OVER (PARTITION BY platform ORDER BY day ROWS BETWEEN 7 PRECEDING AND 1 PRECEDING)::BIGINT AS orders
    FROM trade
), months AS (
    SELECT day, getvariable('average_order') * getvariable('orders') / getvariable('months')
                * 1.04 ** (datediff('month', getvariable('first_day'), day) // 12) AS turnover
    FROM (SELECT DISTINCT date_trunc('month', day)::DATE AS day FROM trade)
), charged AS (
    SELECT platform, day, 8 AS hour, 'Marketing' AS category, description,
           orders * getvariable('average_order') * share AS cents
    FROM trade JOIN (VALUES ('shopify', 'Search advertising', 0.055),
                            ('shopify', 'Social media advertising', 0.038),
                            ('amazon', 'Sponsored products', 0.062)) AS m (platform, description, share) USING (platform)
    UNION ALL
    SELECT platform, day, 20, 'Payment fees', 'Card and wallet payments',
           orders * (getvariable('average_order') * 0.029 + 30)
    FROM trade WHERE platform = 'shopify'
    UNION ALL
    SELECT platform, day, 6, category, description, orders * each_order
    FROM weeks JOIN (VALUES ('shopify', 'Fulfilment', 'Parcels of the week', 430),
                            ('amazon', 'Fulfilment', 'Fulfilment by the marketplace', 520),
                            ('amazon', 'Marketplace fees', 'Referral fees of the week', 975))
                    AS w (platform, category, description, each_order) USING (platform)
    WHERE isodow(day) = 1 AND orders IS NOT NULL
    UNION ALL
    SELECT platform, day + due, 9, category, description, turnover * share
    FROM months CROSS JOIN (VALUES ('store', 'Rent', 'Warehouse and shop', 0.026, 0),
                                   ('store', 'Salaries', 'Wages and social insurance', 0.105, 26),
                                   ('store', 'Software', 'Bookkeeping, mail, analytics', 0.006, 4),
                                   ('store', 'Utilities', 'Power, heating, telephone', 0.005, 11),
                                   ('store', 'Insurance', 'Goods and liability', 0.003, 14),
                                   ('shopify', 'Software', 'Shop plan and apps', 0.004, 2),
                                   ('amazon', 'Storage', 'Storage by the marketplace', 0.005, 6))
                           AS o (platform, category, description, share, due)
), due AS (
    SELECT platform, category, description,
           ((day + to_hours(hour)) AT TIME ZONE getvariable('timezone')) AT TIME ZONE 'UTC' AS incurred_at,
           (cents * CASE WHEN category IN ('Rent', 'Insurance') THEN 1
                         ELSE 0.85 + 0.3 * u(epoch(day), description) END)::BIGINT AS cents
    FROM charged
)
SELECT * FROM due WHERE incurred_at < getvariable('until') AND cents > 0;

-- stock --
-- Why: what lies at two places of each platform: enough for two weeks to three months of the article's part in sales.
-- Some articles have run out, some are bought far too much of, and what was given up still lies there.
CREATE TABLE stock AS
WITH pace AS (
    SELECT platform, p, orders / (30.4 * getvariable('months')) * 3 * zipf_share(position, size) AS a_day
    FROM shelf JOIN platforms USING (platform) JOIN assortment USING (platform, month)
    WHERE month = getvariable('months')
), planned AS (
    SELECT platform, p, coalesce(a_day, 0) AS a_day,
           CASE WHEN a_day IS NULL THEN 4 + 60 * u(p, 'left over')
                WHEN u(p, 'run out ' || platform) < 0.04 THEN 0
                WHEN u(p, 'too much ' || platform) < 0.05 THEN a_day * 400 + 20
                ELSE a_day * (14 + 76 * u(p, 'cover ' || platform)) + 3 END AS units
    FROM (SELECT DISTINCT platform, p FROM shelf) LEFT JOIN pace USING (platform, p)
)
SELECT platform, p, location, floor(units * part)::BIGINT AS on_hand,
       least(floor(units * part), floor(a_day * part * 2 * u(p, 'reserved ' || location)))::BIGINT AS reserved,
       CASE WHEN a_day > 0 AND u(p, 'ordered ' || location) < CASE WHEN units = 0 THEN 0.7 ELSE 0.15 END
            THEN 10 + ceil(a_day * part * 30)::BIGINT ELSE 0 END AS incoming,
       getvariable('until') - to_seconds(floor(60 + 72000 * u(p, 'counted ' || location))) AS counted_at
FROM planned JOIN (VALUES ('shopify', 'Warehouse', 0.8), ('shopify', 'Shop', 0.2),
                          ('amazon', 'Fulfilment East', 0.6), ('amazon', 'Fulfilment West', 0.4))
                  AS l (platform, location, part) USING (platform);
