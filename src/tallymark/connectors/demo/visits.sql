-- What visitors do in the shop. Every statement here is run once, in this order, after what is placed and registered in
-- the months that were tracked.

-- visits --
-- Why: who comes, and how far they go. Most leave at once, some look at articles, a few put one in the cart, and fewer
-- still go to the checkout. A third has been there before; some are signed in, a visitor always as the same customer.
CREATE OR REPLACE TEMP TABLE visits AS
WITH arrived AS (
    SELECT month, s, CASE WHEN u(s, 'seen before') < 0.35 THEN floor(s * u(s, 'visitor'))::BIGINT ELSE s END AS visitor,
           starts + to_seconds(floor((s - first_visit + u(s, 'arrives')) / (next_visit - first_visit) * seconds))
               AS arrived_at,
           (u(s, 'views') > 0.58)::INTEGER + (u(s, 'views') > 0.78)::INTEGER + (u(s, 'views') > 0.91)::INTEGER AS views
    FROM (SELECT *, unnest(range(first_visit, next_visit)) AS s FROM tracked)
)
SELECT month, s, visitor, arrived_at, views,
       CASE WHEN u(visitor, 'signed in') < 0.12 AND known > 0
            THEN floor(known * u(visitor, 'who') ** 0.7)::BIGINT END AS customer,
       views > 0 AND u(s, 'cart') < 0.26 AS carts, views > 0 AND u(s, 'cart') < 0.17 AS checks_out
FROM arrived CROSS JOIN (SELECT known(min(first_order)) AS known FROM tracked);

-- events --
-- Why: each step of each visit, a minute or so apart. The sign-ups are those of the customers.
CREATE OR REPLACE TEMP TABLE events AS
WITH steps AS (
    SELECT *, unnest(range(1 + views + carts::INTEGER + checks_out::INTEGER)) AS step FROM visits
), seen AS (
    SELECT s * 8 + step AS event, month, visitor, customer,
           arrived_at + to_seconds(floor(step * 60 + 50 * u(s * 8 + step, 'reads'))) AS occurred_at,
           CASE WHEN step = 0 THEN 'visit' WHEN step <= views THEN 'view' WHEN step = views + 1 THEN 'cart'
                ELSE 'checkout' END AS kind,
           zipf(u(s * 8 + least(step, views), 'looks at'), size) AS position
    FROM steps JOIN assortment USING (month) WHERE platform = 'shopify'
)
SELECT 'E' || (1000000000 + event) AS activity, occurred_at, kind, 'V' || visitor AS visitor, customer,
       CASE WHEN kind IN ('view', 'cart') THEN p END AS p
FROM seen JOIN shelf USING (month, position)
WHERE platform = 'shopify' AND occurred_at < getvariable('until')
UNION ALL
SELECT 'S' || customer, registered_at, 'signup', NULL, customer, NULL
FROM registered WHERE registered_at >= (SELECT min(starts) FROM tracked);
