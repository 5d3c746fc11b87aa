-- Kitchen holds cups, which hold mugs; travel stands beside it. Eggs and hens are each other's parents. One category is not known.
SELECT ensure_months('2026-02-01', '2026-03-31');
INSERT INTO categories (tenant_id, platform, category_id, name, parent_id) VALUES
    (:tenant, 'shopify', 'kitchen', 'Kitchen', NULL),
    (:tenant, 'shopify', 'cups', 'Cups', 'kitchen'),
    (:tenant, 'shopify', 'mugs', 'Mugs', 'cups'),
    (:tenant, 'shopify', 'travel', 'Travel', 'gone'),
    (:tenant, 'shopify', 'hens', 'Hens', 'eggs'),
    (:tenant, 'shopify', 'eggs', 'Eggs', 'hens'),
    (:tenant, 'amazon', 'kitchen', 'Kitchen of the other', NULL);
INSERT INTO products (tenant_id, platform, product_id, name, category_id) VALUES
    (:tenant, 'shopify', 'mug', 'Mug', 'mugs'),
    (:tenant, 'shopify', 'cup', 'Cup', 'cups'),
    (:tenant, 'shopify', 'pan', 'Pan', 'kitchen'),
    (:tenant, 'shopify', 'bag', 'Bag', 'travel'),
    (:tenant, 'shopify', 'egg', 'Egg', 'eggs'),
    (:tenant, 'shopify', 'hen', 'Hen', 'hens'),
    (:tenant, 'shopify', 'toy', 'Toy', 'toys'),
    (:tenant, 'shopify', 'odd', 'Odd', NULL),
    (:tenant, 'amazon', 'mug', 'Mug', 'kitchen');
INSERT INTO orders (tenant_id, platform, order_id, placed_at, discount) VALUES
    (:tenant, 'shopify', 'S1', '2026-02-27 12:00+01', 0),
    (:tenant, 'shopify', 'S2', '2026-03-05 12:00+01', 6),    -- 1 on the mug, 2 on the cup, 3 on the pan
    (:tenant, 'shopify', 'S3', '2026-03-06 12:00+01', 0),
    (:tenant, 'amazon', 'A1', '2026-03-07 12:00+01', 0);
INSERT INTO order_items (tenant_id, platform, order_id, placed_at, line_id, product_id, quantity, unit_price, unit_cost) VALUES
    (:tenant, 'shopify', 'S1', '2026-02-27 12:00+01', '1', 'mug', 1, 10, 4),
    (:tenant, 'shopify', 'S1', '2026-02-27 12:00+01', '2', 'bag', 1, 50, 20),
    (:tenant, 'shopify', 'S2', '2026-03-05 12:00+01', '1', 'mug', 1, 10, 4),
    (:tenant, 'shopify', 'S2', '2026-03-05 12:00+01', '2', 'cup', 2, 10, 5),
    (:tenant, 'shopify', 'S2', '2026-03-05 12:00+01', '3', 'pan', 1, 30, NULL),
    (:tenant, 'shopify', 'S3', '2026-03-06 12:00+01', '1', 'egg', 3, 1, 0.5),
    (:tenant, 'shopify', 'S3', '2026-03-06 12:00+01', '2', 'hen', 1, 20, NULL),
    (:tenant, 'shopify', 'S3', '2026-03-06 12:00+01', '3', 'toy', 1, 7, 2),
    (:tenant, 'shopify', 'S3', '2026-03-06 12:00+01', '4', 'odd', 1, 8, NULL),
    (:tenant, 'shopify', 'S3', '2026-03-06 12:00+01', '5', NULL, 1, 2, NULL),
    (:tenant, 'amazon', 'A1', '2026-03-07 12:00+01', '1', 'mug', 1, 11, 4);
INSERT INTO refunds (tenant_id, platform, refund_id, line_id, order_id, refunded_at, quantity, amount) VALUES
    (:tenant, 'shopify', 'R1', '1', 'S1', '2026-03-02 12:00+01', 1, 10),     -- a mug of February
    (:tenant, 'shopify', 'R2', '', NULL, '2026-03-03 12:00+01', 0, 1.50);    -- of no product that is known
