-- WooCommerce: Customer / Order / Coupon Export, format "Default - One Row per Item". Times are the shop's own.
--
-- item_subtotal is the price of the whole line before coupons, item_total after them. Fees count as shipping. A
-- guest (customer 0) is known by the e-mail address. The export says how much of an item was refunded but not
-- when: it counts on the day of the order.

-- products --
SELECT item_product_id AS product_id, arg_max(item_sku, date) AS sku, arg_max(item_name, date) AS name
FROM export
WHERE item_product_id IS NOT NULL
GROUP BY item_product_id

-- customers --
SELECT coalesce(nullif(customer_id, '0'), lower(billing_email)) AS customer_id,
       arg_max(concat_ws(' ', billing_first_name, billing_last_name), date) AS name,
       arg_max(lower(billing_email), date) AS email
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
       max(tax_total) AS tax
FROM export
GROUP BY order_id

-- order_items --
SELECT order_id,
       item_id AS line_id,
       item_product_id AS product_id,
       item_quantity AS quantity,
       item_subtotal::DECIMAL(18, 4) / item_quantity::INTEGER AS unit_price,
       item_subtotal::DECIMAL(18, 4) - item_total::DECIMAL(18, 4) AS discount,
       item_total_tax AS tax
FROM export
WHERE item_id IS NOT NULL AND item_quantity::INTEGER <> 0

-- refunds --
SELECT order_id AS refund_id,
       item_id AS line_id,
       order_id,
       item_product_id AS product_id,
       coalesce(nullif(customer_id, '0'), lower(billing_email)) AS customer_id,
       date AS refunded_at,
       abs(item_refunded_qty::INTEGER) AS quantity,
       abs(item_refunded::DECIMAL(18, 4)) AS amount
FROM export
WHERE item_refunded::DECIMAL(18, 4) <> 0
