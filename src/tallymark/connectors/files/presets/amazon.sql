-- Amazon: the all-orders report (GET_FLAT_FILE_ALL_ORDERS_DATA_BY_ORDER_DATE_GENERAL), tab-separated, a row per item.
--
-- item-price is the price of the whole line. Amazon leaves it empty until a payment is through: such lines come in
-- with a later report, and their order without them until then. A cancelled item has quantity 0 and is no line.
-- Orders of other shops that Amazon only ships (Non-Amazon) are left out. Refunds are not in this report.

-- products --
SELECT sku AS product_id, sku, arg_max("product-name", "purchase-date") AS name, min(came_from) AS came_from
FROM export
WHERE "sales-channel" NOT LIKE 'Non-Amazon%'
GROUP BY sku

-- orders --
SELECT "amazon-order-id" AS order_id,
       min("purchase-date") AS placed_at,
       CASE WHEN max("order-status") IN ('Cancelled', 'Canceled') THEN 'cancelled'
            WHEN max("order-status") LIKE 'Pending%' THEN 'pending'
            ELSE 'completed' END AS status,
       max(currency) AS currency,
       sum(coalesce("shipping-price"::DECIMAL(18, 4), 0) + coalesce("gift-wrap-price"::DECIMAL(18, 4), 0)
           - abs(coalesce("ship-promotion-discount"::DECIMAL(18, 4), 0))) AS shipping,
       sum(coalesce("item-tax"::DECIMAL(18, 4), 0) + coalesce("shipping-tax"::DECIMAL(18, 4), 0)
           + coalesce("gift-wrap-tax"::DECIMAL(18, 4), 0)) AS tax,
       CASE WHEN max("order-status") IN ('Cancelled', 'Canceled') THEN max("last-updated-date") END AS cancelled_at,
       min(came_from) AS came_from
FROM export
WHERE "sales-channel" NOT LIKE 'Non-Amazon%'
GROUP BY "amazon-order-id"

-- order_items --
-- Numbered before lines without a price are left out, so that a line keeps its number when the price comes. 3 for 10.00
-- are 2 at 3.3333 and 1 at 3.3334: what is left over by the division is a line of its own (1+), which adds up to the
-- last digit. It is there even with nothing on it, because a later report may name another quantity.
WITH lines AS (
    SELECT "amazon-order-id" AS order_id,
           row_number() OVER (PARTITION BY "amazon-order-id" ORDER BY sku, asin, row) AS line_id,
           sku AS product_id,
           quantity::INTEGER AS units,
           ("item-price"::DECIMAL(18, 4) * 10000)::BIGINT AS price,
           abs("item-promotion-discount"::DECIMAL(18, 4)) AS discount,
           "item-tax" AS tax,
           came_from
    FROM (SELECT *, row_number() OVER () AS row FROM export)
    WHERE "sales-channel" NOT LIKE 'Non-Amazon%')
SELECT order_id, line_id::VARCHAR AS line_id, product_id, units - price % units AS quantity,
       price // units * 0.0001 AS unit_price, discount, tax, came_from
FROM lines
WHERE units > 0 AND price IS NOT NULL
UNION ALL
SELECT order_id, line_id || '+', product_id, price % units, (price // units + 1) * 0.0001, 0, '0', came_from
FROM lines
WHERE units > 1 AND price IS NOT NULL
