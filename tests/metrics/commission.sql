-- Two representatives, one of them on both platforms; r3 has no rate. March 30 runs, and is compared with March 29.
SELECT ensure_months('2026-03-01', '2026-03-31');
INSERT INTO sales_reps (tenant_id, platform, sales_rep_id, name, region, commission_rate) VALUES
    (:tenant, 'shopify', 'r1', 'Ada', 'North', 0.1), (:tenant, 'shopify', 'r3', NULL, NULL, NULL), (:tenant, 'amazon', 'r1', 'Kim', 'South', 0.05);
INSERT INTO orders (tenant_id, platform, order_id, placed_at, sales_rep_id, discount) VALUES
    (:tenant, 'shopify', '1', '2026-03-29 09:00+02', 'r1', 0),
    (:tenant, 'shopify', '2', '2026-03-29 11:00+02', 'r1', 0),     -- later than the running day has come
    (:tenant, 'shopify', '3', '2026-03-30 09:00+02', 'r1', 10),
    (:tenant, 'shopify', '4', '2026-03-30 09:30+02', 'r1', 0),
    (:tenant, 'amazon',  '5', '2026-03-30 08:00+02', 'r1', 0),
    (:tenant, 'shopify', '6', '2026-03-30 08:00+02', 'r3', 0),
    (:tenant, 'shopify', '7', '2026-03-30 08:00+02', NULL, 0);
INSERT INTO order_items (tenant_id, platform, order_id, placed_at, line_id, quantity, unit_price)
SELECT tenant_id, platform, order_id, placed_at, '1', 2, CASE order_id WHEN '1' THEN 20 WHEN '5' THEN 100 ELSE 30 END FROM orders;
INSERT INTO refunds (tenant_id, platform, refund_id, order_id, refunded_at, amount) VALUES
    (:tenant, 'shopify', 'a', '1', '2026-03-30 09:15+02', 5), (:tenant, 'shopify', 'b', '3', '2026-03-30 09:45+02', 1.5);
