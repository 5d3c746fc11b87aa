-- The first customer of the CDNOW sample, with the parameters that were published for it: two purchases after the first,
-- 30.43 weeks from the first to the last and 38.86 to now, 22.35 on average. By the formulas of the papers 1.5623 purchases
-- in 365 days, of 24.6637 each. c2, of another platform, is one of two there.
SELECT ensure_months('2025-07-01', '2026-03-31');
INSERT INTO orders (tenant_id, platform, order_id, placed_at, customer_id) VALUES
    (:tenant, 'shopify', '1', '2025-07-01 12:00+02', 'c1'),
    (:tenant, 'shopify', '2', '2025-09-01 12:00+02', 'c1'),
    (:tenant, 'shopify', '3', '2026-01-30 12:00+01', 'c1'),
    (:tenant, 'amazon', '4', '2026-03-01 12:00+01', 'c2');
INSERT INTO order_items (tenant_id, platform, order_id, placed_at, line_id, quantity, unit_price)
SELECT tenant_id, platform, order_id, placed_at, '1', 1, CASE order_id WHEN '1' THEN 50 WHEN '2' THEN 30 WHEN '3' THEN 14.70 ELSE 7 END
FROM orders;
INSERT INTO lifetime_fit (tenant_id, platform, fitted_on, fitted_at, first_day, customers, repeat_customers, r, alpha, a, b, p, q, v,
    correlation, holdout_error, expected_purchases, expected_sales, active_customers)
VALUES
    (:tenant, 'shopify', '2026-03-30', '2026-03-30', '2025-07-01', 100, 40, 0.243, 4.414, 0.793, 2.426, 6.25, 3.74, 15.44, 0.11, -0.05, 80, 2000, 60),
    (:tenant, 'amazon', '2026-03-29', '2026-03-29', '2025-07-01', 60, 20, 0.3, 5, 0.8, 2.5, 6, 4, 12, -0.4, 0.1, 40, 800, 20);
