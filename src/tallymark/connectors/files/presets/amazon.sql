-- Amazon: the all-orders report (GET_FLAT_FILE_ALL_ORDERS_DATA_BY_ORDER_DATE_GENERAL), tab-separated, a row per item.
--
-- item-price is the price of the whole line. Amazon leaves it empty until a payment is through: such lines come in
-- with a later report, and their order without them until then. A cancelled item has quantity 0 and is no line.
-- Orders of other shops that Amazon only ships (Non-Amazon) are left out. Refunds are not in this report.

-- products --
SELECT sku AS product_id, sku, arg_max("product-name", "purchase-date") AS name
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
       CASE WHEN max("order-status") IN ('Cancelled', 'Canceled') THEN max("last-updated-date") END AS cancelled_at
FROM export
WHERE "sales-channel" NOT LIKE 'Non-Amazon%'
GROUP BY "amazon-order-id"

-- order_items --
-- Numbered before lines without a price are left out, so that a line keeps its number when the price comes.
SELECT "amazon-order-id" AS order_id,
       line_id,
       sku AS product_id,
       quantity,
       "item-price"::DECIMAL(18, 4) / quantity::INTEGER AS unit_price,
       abs("item-promotion-discount"::DECIMAL(18, 4)) AS discount,
       "item-tax" AS tax
FROM (SELECT *, row_number() OVER (PARTITION BY "amazon-order-id" ORDER BY sku, asin, row) AS line_id
      FROM (SELECT *, row_number() OVER () AS row FROM export))
WHERE "sales-channel" NOT LIKE 'Non-Amazon%' AND quantity::INTEGER > 0 AND "item-price" IS NOT NULL
