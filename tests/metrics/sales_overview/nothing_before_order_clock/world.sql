-- One order in the first minutes of a day, paid back an hour later. The day before has nothing to compare with.
SELECT ensure_months('2026-03-01', '2026-03-31');
INSERT INTO orders (tenant_id, platform, order_id, placed_at, customer_id) VALUES
    (:tenant, 'shopify', 'S1', '2026-03-02 00:10+01', 'c1');
INSERT INTO order_items (tenant_id, platform, order_id, placed_at, line_id, product_id, quantity, unit_price) VALUES
    (:tenant, 'shopify', 'S1', '2026-03-02 00:10+01', '1', 'p1', 1, 10);
INSERT INTO refunds (tenant_id, platform, refund_id, line_id, order_id, refunded_at, quantity, amount) VALUES
    (:tenant, 'shopify', 'R1', '1', 'S1', '2026-03-02 01:10+01', 1, 4);
