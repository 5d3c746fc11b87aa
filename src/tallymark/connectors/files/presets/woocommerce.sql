-- WooCommerce: Customer / Order / Coupon Export, format "Default - One Row per Item". Times are the shop's own.
--
-- item_subtotal is the price of the whole line before coupons, item_total after them. Fees count as shipping. A
-- guest (customer 0) is known by the e-mail address. The export says how much of an item was refunded but not
-- when: it counts on the day of the order.

-- products --
SELECT item_product_id AS product_id, arg_max(item_sku, date) AS sku, arg_max(item_name, date) AS name,
       min(came_from) AS came_from
FROM export
WHERE item_product_id IS NOT NULL
GROUP BY item_product_id

-- customers --
SELECT coalesce(nullif(customer_id, '0'), lower(billing_email)) AS customer_id,
       arg_max(concat_ws(' ', billing_first_name, billing_last_name), date) AS name,
       arg_max(lower(billing_email), date) AS email,
       min(came_from) AS came_from
FROM export
WHERE coalesce(nullif(customer_id, '0'), billing_email) IS NOT NULL
GROUP BY 1

-- orders --
SELECT order_id,
       max(date) AS placed_at,
       CASE WHEN max(status) IN ('cancelled', 'failed', 'trash') THEN 'cancelled'
            WHEN max(status) IN ('pending', 'on-hold', 'checkout-draft') THEN 'pending'
            ELSE 'completed' END AS status,
       max(coalesce(nullif(customer_id, '0'), lower(billing_email))) AS customer_id,
       max(order_currency) AS currency,
       max(order_total) AS total_amount,
       max(shipping_total::DECIMAL(18, 4) + coalesce(fee_total::DECIMAL(18, 4), 0)) AS shipping,
       max(tax_total) AS tax,
       min(came_from) AS came_from
FROM export
GROUP BY order_id

-- order_items --
-- 3 for 10.00 are 2 at 3.3333 and 1 at 3.3334: what is left over by the division is a line of its own (31+), which adds
-- up to the last digit. It is there even with nothing on it, because a later export may name another quantity.
WITH lines AS (
    SELECT order_id,
           item_id AS line_id,
           item_product_id AS product_id,
           item_quantity::INTEGER AS units,
           (item_subtotal::DECIMAL(18, 4) * 10000)::BIGINT AS price,
           item_subtotal::DECIMAL(18, 4) - item_total::DECIMAL(18, 4) AS discount,
           item_total_tax AS tax,
           came_from
    FROM export
    WHERE item_id IS NOT NULL)
SELECT order_id, line_id, product_id, units - price % units AS quantity, price // units * 0.0001 AS unit_price, discount, tax,
       came_from
FROM lines
WHERE units <> 0
UNION ALL
SELECT order_id, line_id || '+', product_id, price % units, (price // units + 1) * 0.0001, 0, '0', came_from
FROM lines
WHERE abs(units) > 1

-- refunds --
SELECT order_id AS refund_id,
       item_id AS line_id,
       order_id,
       item_product_id AS product_id,
       coalesce(nullif(customer_id, '0'), lower(billing_email)) AS customer_id,
       date AS refunded_at,
       abs(item_refunded_qty::INTEGER) AS quantity,
       abs(item_refunded::DECIMAL(18, 4)) AS amount,
       came_from
FROM export
WHERE item_refunded::DECIMAL(18, 4) <> 0
