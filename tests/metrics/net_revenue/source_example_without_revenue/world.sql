-- The source document's second unit test: no revenue, an expense of 25.00.
INSERT INTO expenses (tenant_id, platform, expense_id, incurred_at, category, amount)
VALUES (:tenant, 'shopify', 'one', '2026-03-02 12:00+01', 'Rent', 25.00);
