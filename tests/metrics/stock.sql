-- Stock of a small shop in Berlin in March 2026, refreshed on the 1st, 10th, 20th and 28th. What lay there before is not known.
SELECT ensure_months('2026-02-01', '2026-03-31');

INSERT INTO products (tenant_id, platform, product_id, sku, name, cost, created_at) VALUES
    (:tenant, 'shopify', 'mug',  'M-1', 'Mug', 4, NULL),
    (:tenant, 'shopify', 'cap',  'C-1', 'Cap', 10, NULL),
    (:tenant, 'shopify', 'lamp', NULL, 'Lamp', NULL, '2025-06-01Z'),      -- nobody knows what it costs, nobody buys it
    (:tenant, 'shopify', 'new',  NULL, 'New lamp', 2.5, '2026-03-20Z'),   -- too new to be dead
    (:tenant, 'amazon',  'mug',  NULL, NULL, 5, NULL);
INSERT INTO inventory_levels (tenant_id, platform, product_id, location, on_hand, reserved, incoming, counted_at) VALUES
    (:tenant, 'shopify', 'mug',  'front',  30, 2, 0, '2026-03-01Z'),
    (:tenant, 'shopify', 'mug',  'cellar', 70, 0, 50, '2026-03-01Z'),
    (:tenant, 'shopify', 'cap',  'front',  10, 0, 0, '2026-03-01Z'),
    (:tenant, 'shopify', 'lamp', 'cellar', 3, 0, 0, '2026-03-01Z');
-- refreshed 2026-03-01T09:00+01:00
INSERT INTO inventory_levels (tenant_id, platform, product_id, location, on_hand, reserved, incoming, counted_at) VALUES
    (:tenant, 'amazon', 'mug', 'far', 20, 5, 0, '2026-03-10Z');
UPDATE inventory_levels SET on_hand = 60 WHERE tenant_id = :tenant AND product_id = 'mug' AND location = 'cellar';
-- refreshed 2026-03-10T23:30+01:00
UPDATE products SET cost = 4.50 WHERE tenant_id = :tenant AND platform = 'shopify' AND product_id = 'mug';
UPDATE inventory_levels SET on_hand = 0 WHERE tenant_id = :tenant AND product_id = 'cap';
INSERT INTO inventory_levels (tenant_id, platform, product_id, location, on_hand, counted_at) VALUES
    (:tenant, 'shopify', 'new', 'front', 8, '2026-03-20Z');
-- refreshed 2026-03-20T00:05+01:00
UPDATE inventory_levels SET on_hand = 20 WHERE tenant_id = :tenant AND product_id = 'mug' AND location = 'cellar';
-- refreshed 2026-03-28T12:00+01:00
-- Two mugs on each of the first 28 days of March but the 28th, on which it is 16; caps in February and on the 5th and 6th.
INSERT INTO orders (tenant_id, platform, order_id, placed_at, tax)
SELECT :tenant, 'shopify', 'M' || day, '2026-03-01 12:00+01'::timestamptz + (day - 1) * interval '1 day', 0 FROM generate_series(1, 28) day;
INSERT INTO order_items (tenant_id, platform, order_id, placed_at, line_id, product_id, quantity, unit_price, unit_cost)
SELECT :tenant, platform, order_id, placed_at, '1', 'mug', CASE order_id WHEN 'M28' THEN 16 ELSE 2 END, 10, 4 FROM orders WHERE tenant_id = :tenant;
INSERT INTO orders (tenant_id, platform, order_id, placed_at, tax) VALUES
    (:tenant, 'shopify', 'C0', '2026-02-20 12:00+01', 0),
    (:tenant, 'shopify', 'C1', '2026-03-05 12:00+01', 0),
    (:tenant, 'shopify', 'C2', '2026-03-06 12:00+01', 0),
    (:tenant, 'amazon',  'A1', '2026-03-15 12:00+01', 3);
INSERT INTO order_items (tenant_id, platform, order_id, placed_at, line_id, product_id, quantity, unit_price, unit_cost) VALUES
    (:tenant, 'shopify', 'C0', '2026-02-20 12:00+01', '1', 'cap', 1, 30, 10),
    (:tenant, 'shopify', 'C1', '2026-03-05 12:00+01', '1', 'cap', 3, 30, 10),
    (:tenant, 'shopify', 'C2', '2026-03-06 12:00+01', '1', 'cap', 1, 30, 10),
    (:tenant, 'amazon',  'A1', '2026-03-15 12:00+01', '1', 'mug', 1, 12.50, 5);
