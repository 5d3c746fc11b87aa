-- A shop that gives things away: a bag that costs it nothing, a card whose cost was never recorded, and goods whose cost is known.
-- 12 March has a line of which the cost is unknown and another that takes its net back; 13 March an order whose lines the
-- discount of the whole order comes on top of.
SELECT ensure_months('2026-03-01', '2026-03-31');

INSERT INTO orders (tenant_id, platform, order_id, placed_at, discount) VALUES
    (:tenant, 'shopify', 'bag', '2026-03-10 12:00+01', 0),
    (:tenant, 'shopify', 'sale', '2026-03-11 12:00+01', 0),
    (:tenant, 'shopify', 'taken back', '2026-03-12 12:00+01', 0),
    (:tenant, 'shopify', 'nothing left', '2026-03-13 12:00+01', 1);

INSERT INTO order_items (tenant_id, platform, order_id, placed_at, line_id, product_id, quantity, unit_price, unit_cost, discount) VALUES
    (:tenant, 'shopify', 'bag', '2026-03-10 12:00+01', '1', 'bag', 1, 0, 0, 0),
    (:tenant, 'shopify', 'sale', '2026-03-11 12:00+01', '1', 'kettle', 2, 10, 4, 0),
    (:tenant, 'shopify', 'sale', '2026-03-11 12:00+01', '2', 'card', 1, 0, NULL, 0),
    (:tenant, 'shopify', 'taken back', '2026-03-12 12:00+01', '1', 'cup', 1, 5, NULL, 0),
    (:tenant, 'shopify', 'taken back', '2026-03-12 12:00+01', '2', 'cup', -1, 5, NULL, 0),
    (:tenant, 'shopify', 'nothing left', '2026-03-13 12:00+01', '1', 'kettle', 1, 10, 4, 10);
