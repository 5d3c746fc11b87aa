-- Five customers of one platform, one of each quintile by their last purchase.
SELECT ensure_months('2026-01-01', '2026-03-31');
INSERT INTO customers (tenant_id, platform, customer_id, segment) VALUES
    (:tenant, 'shopify', 'c1', 'vip'), (:tenant, 'shopify', 'c2', 'retail'), (:tenant, 'shopify', 'c4', 'vip'),
    (:tenant, 'shopify', 'c5', ''), (:tenant, 'shopify', 'never', 'vip');
INSERT INTO orders (tenant_id, platform, order_id, placed_at, customer_id) VALUES
    (:tenant, 'shopify', '1', '2026-01-10 12:00+01', 'c1'),
    (:tenant, 'shopify', '2', '2026-02-10 12:00+01', 'c2'),
    (:tenant, 'shopify', '3', '2026-03-01 12:00+01', 'c3'),
    (:tenant, 'shopify', '4', '2026-03-10 12:00+01', 'c3'),
    (:tenant, 'shopify', '5', '2026-03-20 10:00+01', 'c4'),
    (:tenant, 'shopify', '6', '2026-03-20 11:00+01', 'c4'),
    (:tenant, 'shopify', '7', '2026-03-20 12:00+01', 'c4'),
    (:tenant, 'shopify', '8', '2026-03-30 12:00+02', 'c5');
INSERT INTO order_items (tenant_id, platform, order_id, placed_at, line_id, quantity, unit_price)
SELECT tenant_id, platform, order_id, placed_at, '1', 1, CASE customer_id WHEN 'c2' THEN 20 WHEN 'c3' THEN 15 WHEN 'c4' THEN 40 ELSE 10 END
FROM orders;
INSERT INTO refunds (tenant_id, platform, refund_id, order_id, refunded_at, amount) VALUES
    (:tenant, 'shopify', 'r', '7', '2026-03-21 12:00+01', 20);
