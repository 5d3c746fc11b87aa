SELECT at AS "occurredAt", kind, platform, id, customer_id AS "customerId", product_id AS "productId",
    coalesce((SELECT name FROM products p WHERE p.tenant_id = %(tenant)s AND p.platform = happened.platform AND p.product_id = happened.product_id), product_id) AS "productName",
    amount
FROM (
    SELECT tenant_id, placed_at AS at, 'order' AS kind, platform, order_id AS id, customer_id, NULL AS product_id, total AS amount FROM plain_orders
    UNION ALL
    SELECT tenant_id, refunded_at, 'refund', platform, refund_id, customer_id, nullif(product_id, ''), amount FROM plain_refunds
    UNION ALL
    SELECT tenant_id, created_at, 'customer', platform, customer_id, customer_id, NULL, NULL FROM customers
    UNION ALL
    SELECT tenant_id, occurred_at, kind, platform, activity_id, user_id, product_id, NULL FROM activity) happened
WHERE tenant_id = %(tenant)s
  AND %(platform)s IN ('all', platform)
  AND at <= %(as_of)s
  AND %(kind)s IN ('all', CASE WHEN kind IN ('order', 'refund', 'customer') THEN kind ELSE 'event' END)
  AND (at AT TIME ZONE %(timezone)s)::date BETWEEN %(first)s AND %(last)s
ORDER BY at DESC, kind, platform, id, product_id NULLS FIRST, amount
LIMIT %(limit)s
