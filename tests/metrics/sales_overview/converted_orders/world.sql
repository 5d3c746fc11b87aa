-- Dollars and pounds in a shop of euros. A dollar is worth 0.90 from the 1st, 0.92 from the 10th and 0.95 from the 13th of
-- March; what a pound is worth is known from the 15th only.
SELECT ensure_months('2026-02-01', '2026-03-31');
INSERT INTO exchange_rates (tenant_id, currency, day, rate) VALUES
    (:tenant, 'USD', '2026-03-01', 0.90),
    (:tenant, 'USD', '2026-03-10', 0.92),
    (:tenant, 'USD', '2026-03-13', 0.95),
    (:tenant, 'GBP', '2026-03-15', 1.15);
INSERT INTO orders (tenant_id, platform, order_id, placed_at, customer_id, currency, discount, shipping, tax) VALUES
    (:tenant, 'shopify', 'B0', '2026-02-28 23:50+01', 'c1', 'USD', 0, 0, 0),     -- before any rate: not even c1 is known from it
    (:tenant, 'shopify', 'B1', '2026-03-01 00:10+01', 'c1', 'USD', 0, 0, 0),     -- February by UTC; at 0.90
    (:tenant, 'shopify', 'U1', '2026-03-09 23:30+01', 'c1', 'USD', 1, 5, 2),     -- half an hour before the rate changes
    (:tenant, 'shopify', 'U2', '2026-03-10 00:30+01', 'c2', 'USD', 0, 0, 5),     -- and half an hour after, the 9th by UTC
    (:tenant, 'amazon',  'E1', '2026-03-11 12:00+01', 'c1', NULL, 0, 4, 0),       -- euros; another customer than shopify's c1
    (:tenant, 'shopify', 'G1', '2026-03-12 12:00+01', 'c3', 'GBP', 0, 7, 7);     -- no rate yet: left out
INSERT INTO order_items (tenant_id, platform, order_id, placed_at, line_id, product_id, quantity, unit_price) VALUES
    (:tenant, 'shopify', 'B0', '2026-02-28 23:50+01', '1', 'p1', 1, 99),
    (:tenant, 'shopify', 'B1', '2026-03-01 00:10+01', '1', 'p1', 1, 10),
    (:tenant, 'shopify', 'U1', '2026-03-09 23:30+01', '1', 'p1', 2, 10),
    (:tenant, 'shopify', 'U2', '2026-03-10 00:30+01', '1', 'p2', 1, 50),
    (:tenant, 'amazon',  'E1', '2026-03-11 12:00+01', '1', 'p1', 1, 30),
    (:tenant, 'shopify', 'G1', '2026-03-12 12:00+01', '1', 'p1', 1, 99);
-- U2 comes back whole when a dollar is worth 0.95: it takes back the 46 euros that it sold for, not 47.50.
INSERT INTO refunds (tenant_id, platform, refund_id, line_id, order_id, refunded_at, quantity, amount) VALUES
    (:tenant, 'shopify', 'R1', '1', 'U2', '2026-03-14 12:00+01', 1, 50),
    (:tenant, 'shopify', 'R2', '1', 'G1', '2026-03-14 12:00+01', 1, 99);
