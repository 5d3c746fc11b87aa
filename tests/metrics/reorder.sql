-- Two products as in published examples of safety stock, over the first 25 days of March 2026: 'hundred' sells 100 a day with a
-- standard deviation of 20 (twelve days of 120, twelve of 80, one of 100), 'thirty' sells 30 with one of 5.
SELECT ensure_months('2026-03-01', '2026-03-31');
INSERT INTO products (tenant_id, platform, product_id, cost) VALUES (:tenant, 'shopify', 'hundred', 1), (:tenant, 'shopify', 'thirty', 1);
INSERT INTO inventory_levels (tenant_id, platform, product_id, location, on_hand, incoming, counted_at) VALUES
    (:tenant, 'shopify', 'hundred', 'here', 700, 340, '2026-03-01Z'),
    (:tenant, 'shopify', 'thirty', 'here', 327, 0, '2026-03-01Z');
-- refreshed 2026-03-01T00:10+01:00
INSERT INTO orders (tenant_id, platform, order_id, placed_at)
SELECT :tenant, 'shopify', day::text, '2026-03-01 12:00+01'::timestamptz + (day - 1) * interval '1 day' FROM generate_series(1, 25) day;
INSERT INTO order_items (tenant_id, platform, order_id, placed_at, line_id, product_id, quantity, unit_price)
SELECT :tenant, platform, order_id, placed_at, product_id, product_id,
    mean + sd * CASE WHEN order_id = '25' THEN 0 WHEN order_id::integer % 2 = 0 THEN 1 ELSE -1 END, 1
FROM orders CROSS JOIN (VALUES ('hundred', 100, 20), ('thirty', 30, 5)) AS p (product_id, mean, sd)
WHERE tenant_id = :tenant;
