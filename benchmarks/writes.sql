-- orders --
-- 1,000 new orders.
INSERT INTO orders (tenant_id, placed_at, platform, order_id, customer_id, shipping)
SELECT %(tenant)s, timestamptz '2026-11-05' + n * interval '1 minute', 'shopify', %(prefix)s || n, 'c' || n %% 500, 3
FROM generate_series(1, 1000) n

-- order_items --
-- Their lines, three each.
INSERT INTO order_items (tenant_id, placed_at, platform, order_id, line_id, product_id, quantity, unit_price)
SELECT %(tenant)s, timestamptz '2026-11-05' + n * interval '1 minute', 'shopify', %(prefix)s || n, l::text, 'p' || n, 1, 9.99
FROM generate_series(1, 1000) n, generate_series(1, 3) l
