-- What is sold in some months of one platform. Every statement here is run for each run of months, in this order.

-- placed --
-- Why: the orders of some months, with their moment and who placed them. Within its hour each has an equal part of
-- the time to itself, so that order numbers rise with time.
CREATE OR REPLACE TEMP TABLE placed AS
WITH moments AS (
    SELECT month, percent, i, known(i) AS known, known(i + 1) > known(i) AS first_purchase,
           starts + to_seconds(floor((i - first_order + u(i, 'moment')) / (next_order - first_order) * seconds)) AS placed_at
    FROM (SELECT *, unnest(range(first_order, next_order)) AS i FROM cells
          WHERE platform = getvariable('platform')
            AND month BETWEEN getvariable('first_month') AND getvariable('last_month'))
), bought AS (
    SELECT *, CASE WHEN first_purchase THEN known
                   WHEN getvariable('platform') = 'shopify' AND u(i, 'guest') < 0.16 THEN NULL
                   ELSE buys_again(i, known) END AS customer
    FROM moments
)
SELECT i, month, percent, placed_at, first_purchase, customer,
       [1, 2, 3, 4, 5][1 + (u(i, 'lines') > 0.58)::INTEGER + (u(i, 'lines') > 0.82)::INTEGER
                         + (u(i, 'lines') > 0.92)::INTEGER + (u(i, 'lines') > 0.97)::INTEGER] AS lines,
       CASE WHEN u(i, 'fate') < 0.03 THEN placed_at + to_seconds(floor(600 + 150000 * u(i, 'regret') ** 3)) END AS regret,
       u(i, 'fate') BETWEEN 0.03 AND CASE WHEN placed_at > getvariable('until') - INTERVAL 36 HOUR
                                          THEN 0.35 ELSE 0.0385 END AS unpaid,
       getvariable('platform') = 'shopify' AND u(i, 'test') < 0.003 AS test,
       [0, 0, 600, 625, 700, 725, 825, 888][1 + floor(8 * u(coalesce(customer, -i), 'home'))::INTEGER] AS tax_rate,
       CASE WHEN getvariable('platform') = 'shopify' AND percent = 0 AND u(i, 'coupon') < 0.09
            THEN [5, 10, 10, 15][1 + floor(4 * u(i, 'worth'))::INTEGER] ELSE 0 END AS coupon
FROM bought;

-- registered --
-- Why: the customers whose first order this is. Most sign up while they order; some did so days before.
CREATE OR REPLACE TEMP TABLE registered AS
SELECT customer,
       greatest(getvariable('opens'),
                placed_at - to_seconds(floor(CASE WHEN u(customer, 'eager') < 0.2 THEN 20 * 86400 ELSE 900 END
                                             * u(customer, 'sign-up')))) AS registered_at
FROM placed WHERE first_purchase;

-- lines --
-- Why: what was bought, at the price of its month. On the days of a campaign most lines are reduced.
CREATE OR REPLACE TEMP TABLE lines AS
WITH wanted AS (
    SELECT placed.*, unnest(range(lines)) AS nth, size
    FROM placed JOIN assortment USING (month) WHERE platform = getvariable('platform')
), chosen AS (
    SELECT *, i * 8 + nth AS line, zipf(u(i * 8 + nth, 'article'), size) AS position FROM wanted
), priced AS (
    SELECT i, nth, line, p, price, cost, tax_rate,
           CASE WHEN u(line, 'quantity') < 0.80 THEN 1 WHEN u(line, 'quantity') < 0.93 THEN 2
                WHEN u(line, 'quantity') < 0.97 THEN 3 ELSE 4 + floor(4 * u(line, 'many'))::INTEGER END AS quantity,
           CASE WHEN percent > 0 AND u(line, 'reduced') < 0.65 THEN percent
                WHEN u(line, 'reduced') < 0.04 THEN 10 ELSE 0 END AS reduced
    FROM chosen JOIN shelf USING (month, position)
    WHERE platform = getvariable('platform')
), reduced AS (
    SELECT *, (quantity * price * reduced + 50) // 100 AS discount FROM priced
)
SELECT i, nth, line, p, quantity, price, CASE WHEN u(line, 'cost known') >= 0.03 THEN cost END AS cost, discount,
       quantity * price - discount AS net,
       CASE getvariable('platform') WHEN 'amazon' THEN ((quantity * price - discount) * tax_rate + 5000) // 10000
                                    ELSE 0 END AS tax
FROM reduced;

-- totals --
-- Why: each order's own figures. The shop states the order's tax and total; the marketplace states taxes line by line,
-- and leaves adding up to the reader.
CREATE OR REPLACE TEMP TABLE totals AS
WITH summed AS (
    SELECT i, sum(net)::BIGINT AS net FROM lines GROUP BY i
), charged AS (
    SELECT *, (net * coupon + 50) // 100 AS discount,
           CASE WHEN getvariable('platform') = 'amazon'
                THEN CASE WHEN u(i, 'shipping') < 0.86 THEN 0 WHEN u(i, 'shipping') < 0.95 THEN 399 ELSE 599 END
                WHEN u(i, 'shipping') < 0.07 THEN 1290 WHEN net >= 6000 THEN 0 ELSE 495 END AS shipping
    FROM placed JOIN summed USING (i)
)
SELECT *, ((net - discount) * tax_rate + 5000) // 10000 AS tax,
       CASE WHEN regret < getvariable('until') THEN 'cancelled' WHEN unpaid OR regret IS NOT NULL THEN 'pending'
            ELSE 'completed' END AS status
FROM charged;

-- returned --
-- Why: what came back, days or weeks later: all of an order, one of its lines or a part of it, or an amount alone.
CREATE OR REPLACE TEMP TABLE returned AS
WITH complained AS (
    SELECT i, customer, coupon, net AS order_net, lines,
           CASE WHEN u(i, 'complaint') < 0.22 THEN 'all' WHEN u(i, 'complaint') < 0.90 THEN 'line' ELSE 'amount' END AS what,
           placed_at + to_seconds(floor(86400 * (2 + 40 * u(i, 'patience') ** 2.2))) AS refunded_at
    FROM totals WHERE status = 'completed' AND NOT test AND u(i, 'return') < 0.054
), by_line AS (
    SELECT *, CASE WHEN what = 'line' AND u(line, 'one of them') < 0.6 THEN 1 ELSE quantity END AS back
    FROM complained JOIN lines USING (i)
    WHERE what = 'all' OR what = 'line' AND nth = floor(lines * u(i, 'which line'))
)
SELECT i, customer, refunded_at, nth, p, back, (net * back * (100 - coupon) + 50 * quantity) // (100 * quantity) AS amount
FROM by_line WHERE refunded_at < getvariable('until')
UNION ALL
SELECT i, customer, refunded_at, NULL, NULL, 0, order_net * (5 + floor(20 * u(i, 'goodwill'))::BIGINT) // 100
FROM complained WHERE what = 'amount' AND refunded_at < getvariable('until');
