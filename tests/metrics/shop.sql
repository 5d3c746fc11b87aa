-- A small shop in Berlin, on two platforms, in March 2026. The clocks go forward on Sunday the 29th at 02:00.
-- Every figure in the folders beside this file is worked out by hand from these rows.
SELECT ensure_months('2026-02-01', '2026-03-31');

INSERT INTO products (tenant_id, platform, product_id, name) VALUES
    (:tenant, 'shopify', 'p1', 'Mug'),
    (:tenant, 'shopify', 'p2', 'Cap');            -- amazon's p1 is another product, and has no name

INSERT INTO orders (tenant_id, platform, order_id, placed_at, customer_id, total_amount, discount, shipping, tax) VALUES
    (:tenant, 'shopify', 'S1', '2026-02-27 23:30+01', 'c1', NULL, 5, 4, 8),      -- 5.00 off the whole order: 2 on p1, 3 on p2
    (:tenant, 'shopify', 'S2', '2026-03-01 00:30+01', 'c2', NULL, 0, 0, NULL),   -- March by the local clock, February by UTC
    (:tenant, 'amazon',  'A1', '2026-03-29 01:59+01', 'c1', 41, 0, 0, 2.50),     -- the last minute before the clocks change
    (:tenant, 'shopify', 'S3', '2026-03-29 03:00+02', 'c1', NULL, 0, 4, 9.60),   -- one minute later; c1 comes back
    (:tenant, 'shopify', 'S4', '2026-03-29 23:59+02', NULL, NULL, 0, 0, 0),      -- a guest, a minute before midnight
    (:tenant, 'shopify', 'S5', '2026-03-30 09:15+02', 'c3', NULL, 0, 4, 6.40);

INSERT INTO order_items (tenant_id, platform, order_id, placed_at, line_id, product_id, quantity, unit_price, unit_cost, discount, tax) VALUES
    (:tenant, 'shopify', 'S1', '2026-02-27 23:30+01', '1', 'p1', 2, 10, 4, 0, 0),
    (:tenant, 'shopify', 'S1', '2026-02-27 23:30+01', '2', 'p2', 1, 30, NULL, 0, 0),
    (:tenant, 'shopify', 'S2', '2026-03-01 00:30+01', '1', 'p1', 1, 10, 4, 1, 1.50),
    (:tenant, 'amazon',  'A1', '2026-03-29 01:59+01', '1', 'p1', 3, 12.50, NULL, 0, 0),
    (:tenant, 'shopify', 'S3', '2026-03-29 03:00+02', '1', 'p2', 2, 30, 12, 0, 0),
    (:tenant, 'shopify', 'S4', '2026-03-29 23:59+02', '1', 'p1', 1, 10, 4, 0, 0),
    (:tenant, 'shopify', 'S5', '2026-03-30 09:15+02', '1', 'p1', 4, 10, 4, 4, 0);

-- Orders that do not count: cancelled, test, and in another currency than the shop's (that one is told of).
INSERT INTO orders (tenant_id, platform, order_id, placed_at, status, customer_id, currency, test) VALUES
    (:tenant, 'shopify', 'S6', '2026-03-29 10:00+02', 'cancelled', 'c9', 'EUR', false),
    (:tenant, 'shopify', 'S7', '2026-03-29 11:00+02', 'completed', 'c9', 'EUR', true),
    (:tenant, 'shopify', 'S8', '2026-03-29 12:00+02', 'completed', 'c9', 'USD', false);
INSERT INTO order_items (tenant_id, platform, order_id, placed_at, line_id, product_id, quantity, unit_price)
SELECT tenant_id, platform, order_id, placed_at, '1', 'p1', 100, 99 FROM orders WHERE order_id IN ('S6', 'S7', 'S8');

-- Refunds come on later days than their orders; R3 belongs to the cancelled order, R4 to no order we know.
INSERT INTO refunds (tenant_id, platform, refund_id, line_id, order_id, refunded_at, quantity, amount) VALUES
    (:tenant, 'shopify', 'R1', '1', 'S1', '2026-03-29 13:00+02', 1, 9),
    (:tenant, 'amazon',  'R2', '1', 'A1', '2026-03-30 08:00+02', 1, 12.50),
    (:tenant, 'shopify', 'R3', '1', 'S6', '2026-03-29 14:00+02', 1, 99),
    (:tenant, 'shopify', 'R4', '', NULL, '2026-03-30 09:00+02', 0, 1.005);

INSERT INTO expenses (tenant_id, platform, expense_id, incurred_at, category, amount) VALUES
    (:tenant, 'shopify', 'E1', '2025-03-31 23:59+02', 'Rent', 1),       -- a minute too early for the last twelve months
    (:tenant, 'shopify', 'E2', '2025-12-15 12:00+01', 'Tools', 5),      -- a month with nothing but expenses
    (:tenant, 'shopify', 'E3', '2026-02-01 00:30+01', 'Tools', 7),
    (:tenant, 'shopify', 'E4', '2026-02-10 12:00+01', 'Ads', 10),
    (:tenant, 'shopify', 'E5', '2026-03-01 00:00+01', 'Rent', 100),
    (:tenant, 'amazon',  'E6', '2026-03-29 12:00+02', 'Ads', 20.25);
