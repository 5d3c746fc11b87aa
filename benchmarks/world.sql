-- categories --
-- Ten departments of five shelves each.
INSERT INTO categories (tenant_id, platform, category_id, name, parent_id)
SELECT %(tenant)s, platform, 'd' || n, 'Department ' || n, NULL FROM generate_series(0, 9) n, unnest(ARRAY['shopify', 'amazon']) platform
UNION ALL
SELECT %(tenant)s, platform, 's' || n, 'Shelf ' || n, 'd' || n / 5 FROM generate_series(0, 49) n, unnest(ARRAY['shopify', 'amazon']) platform

-- products --
-- What the lines sell.
INSERT INTO products (tenant_id, platform, product_id, sku, name, category_id, cost, price)
SELECT %(tenant)s, platform, 'p' || n, 'SKU' || n, 'Product ' || n, CASE WHEN n %% 40 <> 0 THEN 's' || n %% 50 END, 4.25, 20
FROM generate_series(0, 5000) n, unnest(ARRAY['shopify', 'amazon']) platform

-- customers --
-- Those who order, a fifth of them in a segment of their own.
INSERT INTO customers (tenant_id, platform, customer_id, name, segment, created_at)
SELECT %(tenant)s, platform, 'c' || n, 'Customer ' || n, (ARRAY['wholesale', 'loyal', NULL, NULL, NULL])[1 + abs(n) %% 5],
    timestamptz '2024-11-01 00:00+00' + abs(n)::double precision / (%(orders)s / 10) * interval '700 days'
FROM generate_series(-(%(orders)s::bigint / 10), %(orders)s::bigint / 10) n, unnest(ARRAY['shopify', 'amazon']) platform

-- sales_reps --
-- Who sell a fifth of the orders.
INSERT INTO sales_reps (tenant_id, platform, sales_rep_id, name, region, commission_rate)
SELECT %(tenant)s, platform, 'rep' || n, 'Representative ' || n, 'Region ' || n %% 4, 0.05
FROM generate_series(0, 19) n, unnest(ARRAY['shopify', 'amazon']) platform

-- inventory_levels --
-- Each product at two places.
INSERT INTO inventory_levels (tenant_id, platform, product_id, location, on_hand, reserved, incoming, counted_at)
SELECT %(tenant)s, platform, 'p' || n, 'store ' || place, n %% 200, n %% 3, n %% 7, timestamptz '2026-10-30 00:00+00'
FROM generate_series(0, 5000) n, unnest(ARRAY['shopify', 'amazon']) platform, generate_series(1, 2) place

-- activity --
-- Five thousand events a day in the last thirty.
INSERT INTO activity (tenant_id, platform, activity_id, occurred_at, kind, visitor_id, product_id)
SELECT %(tenant)s, 'shopify', 'a' || n, timestamptz '2026-10-01 00:00+00' + n * interval '17.28 seconds',
    (ARRAY['visit', 'visit', 'visit', 'view', 'view', 'cart', 'checkout'])[1 + n %% 7], 'v' || n %% 40000, 'p' || n %% 5000
FROM generate_series(1, 150000) n

-- orders --
-- Two years of orders in a shop of 5,000 products, spread evenly; every tenth customer's order is a guest's.
INSERT INTO orders (
    tenant_id, placed_at, platform, order_id, status, customer_id, sales_rep_id, currency, total_amount, discount, shipping, tax, test)
SELECT %(tenant)s,
    timestamptz '2024-11-01 00:00+00' + (n::double precision / %(orders)s) * interval '730 days',
    CASE WHEN n %% 3 = 0 THEN 'amazon' ELSE 'shopify' END, n::text,
    CASE WHEN n %% 37 = 0 THEN 'cancelled' WHEN n %% 53 = 0 THEN 'pending' ELSE 'completed' END,
    CASE WHEN n %% 10 <> 0 THEN 'c' || hashint8(n * 7919) %% (%(orders)s / 10) END,
    CASE WHEN n %% 5 = 0 THEN 'rep' || n %% 20 END, 'GBP', 60 + n %% 4000 / 100.0,
    CASE WHEN n %% 6 = 0 THEN 2.50 ELSE 0 END, 3.99, 1.20, n %% 499 = 0
FROM generate_series(1, %(orders)s::bigint) n

-- order_items --
-- One to four lines an order, the cost known of nineteen in twenty.
INSERT INTO order_items (tenant_id, placed_at, platform, order_id, line_id, product_id, quantity, unit_price, unit_cost, discount)
SELECT o.tenant_id, o.placed_at, o.platform, o.order_id, l::text,
    'p' || (power(abs(hashint8(o.order_id::bigint * 31 + l)) %% 100000 / 100000.0, 2) * 5000)::int,
    1 + l %% 3, 5 + (o.order_id::bigint + l) %% 90 + 0.99, CASE WHEN (o.order_id::bigint + l) %% 20 <> 0 THEN 4.25 END,
    CASE WHEN l = 2 THEN 0.50 ELSE 0 END
FROM orders o, generate_series(1, 1 + (o.order_id::bigint %% 4)::int) l
WHERE o.tenant_id = %(tenant)s

-- refunds --
-- One order in twenty-five, two weeks later.
INSERT INTO refunds (tenant_id, platform, refund_id, line_id, order_id, refunded_at, quantity, amount)
SELECT o.tenant_id, o.platform, 'r' || o.order_id, '1', o.order_id, o.placed_at + interval '14 days', 1, 9.99
FROM orders o WHERE o.tenant_id = %(tenant)s AND o.order_id::bigint %% 25 = 0

-- expenses --
-- Five a day.
INSERT INTO expenses (tenant_id, platform, expense_id, incurred_at, category, amount)
SELECT %(tenant)s, CASE WHEN n %% 2 = 0 THEN 'shopify' ELSE 'amazon' END, 'e' || n,
    timestamptz '2024-11-01 00:00+00' + n * interval '4.8 hours', (ARRAY['rent', 'salaries', 'marketing', 'fees'])[1 + n %% 4], 12.34
FROM generate_series(0, 3649) n
