-- The source document's first unit test: orders of 100.00 and 50.00, expenses of 30.00 and 20.00.
SELECT ensure_months('2026-03-01', '2026-03-01');
INSERT INTO orders (tenant_id, platform, order_id, placed_at, total_amount) VALUES
    (:tenant, 'shopify', 'one', '2026-03-02 12:00+01', 100.00),
    (:tenant, 'shopify', 'two', '2026-03-03 12:00+01', 50.00);
INSERT INTO expenses (tenant_id, platform, expense_id, incurred_at, category, amount) VALUES
    (:tenant, 'shopify', 'one', '2026-03-02 12:00+01', 'Rent', 30.00),
    (:tenant, 'shopify', 'two', '2026-03-03 12:00+01', 'Ads', 20.00);
