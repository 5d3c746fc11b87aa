-- A small shop in Berlin in March 2026, with its visitors. Visits are known from the 27th on, at Amazon's not at all.
-- The clocks go forward on Sunday the 29th at 02:00.
SELECT ensure_months('2025-12-01', '2026-03-31');

INSERT INTO products (tenant_id, platform, product_id, name) VALUES (:tenant, 'shopify', 'p1', 'Mug');

INSERT INTO customers (tenant_id, platform, customer_id, created_at) VALUES
    (:tenant, 'shopify', 'c1', '2025-12-31 23:59+01'),
    (:tenant, 'shopify', 'c2', '2026-01-01 00:00+01'),
    (:tenant, 'shopify', 'c3', '2026-02-10 12:00+01'),
    (:tenant, 'shopify', 'c4', '2026-02-28 09:59+01'),     -- as early in February as 30 March 10:00 is in March
    (:tenant, 'shopify', 'c5', '2026-02-28 10:00+01'),     -- no more
    (:tenant, 'amazon',  'c1', '2026-03-01 00:30+01'),
    (:tenant, 'shopify', 'c6', '2026-03-30 09:58+02'),
    (:tenant, 'shopify', 'c7', NULL);

INSERT INTO orders (tenant_id, platform, order_id, placed_at, customer_id) VALUES
    (:tenant, 'shopify', 'S1', '2026-03-26 12:00+01', 'c1'),
    (:tenant, 'shopify', 'S2', '2026-03-27 12:00+01', 'c1'),
    (:tenant, 'amazon',  'A1', '2026-03-27 13:00+01', 'c1'),
    (:tenant, 'shopify', 'S3', '2026-03-29 03:00+02', 'c2'),
    (:tenant, 'shopify', 'S4', '2026-03-30 09:05+02', NULL),
    (:tenant, 'shopify', 'S5', '2026-03-30 09:57+02', 'c6'),
    (:tenant, 'shopify', 'S6', '2026-03-30 09:59+02', 'c6');
UPDATE orders SET status = 'cancelled' WHERE tenant_id = :tenant AND order_id = 'S6';
INSERT INTO order_items (tenant_id, platform, order_id, placed_at, line_id, product_id, quantity, unit_price, discount)
SELECT :tenant, platform, order_id, placed_at, line_id, product_id, quantity, unit_price, l.discount
FROM (VALUES ('S1', '1', 'p1', 9, 10, 0), ('S2', '1', 'p1', 2, 10, 1), ('S2', '2', 'p2', 1, 30, 0), ('A1', '1', 'p1', 3, 12.5, 0),
             ('S3', '1', 'p2', 1, 30, 0), ('S4', '1', 'p1', 1, 10, 0), ('S5', '1', 'p1', 1, 10, 0.5), ('S6', '1', 'p1', 50, 10, 0))
     AS l (order_id, line_id, product_id, quantity, unit_price, discount)
JOIN orders o USING (order_id) WHERE o.tenant_id = :tenant;

INSERT INTO refunds (tenant_id, platform, refund_id, line_id, order_id, refunded_at, quantity, amount) VALUES
    (:tenant, 'shopify', 'R1', '2', 'S2', '2026-03-30 09:56+02', 1, 30),
    (:tenant, 'shopify', 'R2', '1', 'S1', '2026-03-30 09:01+02', 1, 10);

INSERT INTO activity (tenant_id, platform, activity_id, occurred_at, kind, visitor_id, user_id, product_id) VALUES
    (:tenant, 'shopify', '01', '2026-03-27 11:50+01', 'visit', 'v1', 'c1', NULL),
    (:tenant, 'shopify', '02', '2026-03-27 11:51+01', 'view', 'v1', 'c1', 'p1'),
    (:tenant, 'shopify', '03', '2026-03-27 11:52+01', 'cart', 'v1', 'c1', 'p1'),
    (:tenant, 'shopify', '04', '2026-03-27 23:59+01', 'visit', 'v2', NULL, NULL),
    (:tenant, 'shopify', '05', '2026-03-29 01:59+01', 'visit', 'v2', NULL, NULL),
    (:tenant, 'shopify', '06', '2026-03-29 03:00+02', 'view', 'v2', NULL, 'p2'),
    (:tenant, 'shopify', '07', '2026-03-29 03:01+02', 'view', 'v2', NULL, 'p1'),
    (:tenant, 'shopify', '08', '2026-03-30 09:00+02', 'visit', 'v1', NULL, NULL),    -- 60 minutes before ten: no more
    (:tenant, 'shopify', '09', '2026-03-30 09:02+02', 'visit', 'v2', NULL, NULL),
    (:tenant, 'shopify', '10', '2026-03-30 09:03+02', 'view', 'v2', NULL, 'p1'),
    (:tenant, 'shopify', '11', '2026-03-30 09:58+02', 'visit', 'v3', NULL, NULL),
    (:tenant, 'shopify', '12', '2026-03-30 09:58+02', 'signup', 'v3', 'c6', NULL),
    (:tenant, 'shopify', '13', '2026-03-30 10:00+02', 'checkout', 'v3', 'c6', 'p3'),
    (:tenant, 'shopify', '14', '2026-03-30 10:01+02', 'visit', 'v4', NULL, NULL);    -- after ten
