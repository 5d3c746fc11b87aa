-- A shop whose samples cost it nothing, and that knows so; what its postcards cost was never recorded.
SELECT ensure_months('2026-03-01', '2026-03-31');

INSERT INTO products (tenant_id, platform, product_id, name) VALUES
    (:tenant, 'shopify', 'p1', 'Sample'),
    (:tenant, 'shopify', 'p2', 'Postcard');

INSERT INTO orders (tenant_id, platform, order_id, placed_at) VALUES
    (:tenant, 'shopify', 'S1', '2026-03-10 12:00+01'),
    (:tenant, 'shopify', 'S2', '2026-03-11 12:00+01');

INSERT INTO order_items (tenant_id, platform, order_id, placed_at, line_id, product_id, quantity, unit_price, unit_cost) VALUES
    (:tenant, 'shopify', 'S1', '2026-03-10 12:00+01', '1', 'p1', 2, 10, 0),
    (:tenant, 'shopify', 'S2', '2026-03-11 12:00+01', '1', 'p2', 1, 5, NULL);
