-- Two orders: one of a wholesale customer, sold by Rita and partly paid back; one of a customer in no segment, that nobody sold.
SELECT ensure_months('2026-03-01', '2026-03-31');
INSERT INTO sales_reps (tenant_id, platform, sales_rep_id, name) VALUES (:tenant, 'shopify', 'r1', 'Rita');
INSERT INTO customers (tenant_id, platform, customer_id, segment) VALUES
    (:tenant, 'shopify', 'c1', 'wholesale'), (:tenant, 'shopify', 'c2', NULL);
INSERT INTO orders (tenant_id, placed_at, platform, order_id, customer_id, sales_rep_id) VALUES
    (:tenant, '2026-03-02 10:00+00', 'shopify', 'o1', 'c1', 'r1'), (:tenant, '2026-03-03 10:00+00', 'shopify', 'o2', 'c2', NULL);
INSERT INTO order_items (tenant_id, placed_at, platform, order_id, line_id, product_id, quantity, unit_price, unit_cost) VALUES
    (:tenant, '2026-03-02 10:00+00', 'shopify', 'o1', '1', 'p1', 2, 10.00, 4.00),
    (:tenant, '2026-03-03 10:00+00', 'shopify', 'o2', '1', 'p1', 1, 30.00, 10.00);
INSERT INTO refunds (tenant_id, platform, refund_id, line_id, order_id, refunded_at, quantity, amount) VALUES
    (:tenant, 'shopify', 'b1', '1', 'o1', '2026-03-05 10:00+00', 0, 5.00);
