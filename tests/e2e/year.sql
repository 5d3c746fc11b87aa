-- A shop as they are: thirteen months on two platforms, busier before Christmas, growing, with refunds and expenses.
-- Pseudo-random but always the same; times are relative to now, in the tenant of the transaction.
CREATE FUNCTION pg_temp.dice(text) RETURNS double precision LANGUAGE sql IMMUTABLE
    RETURN (('x' || substr(md5($1), 1, 7))::bit(28)::int)::double precision / 268435456;

SELECT ensure_months(now() - interval '13 months', now());

INSERT INTO categories (tenant_id, platform, category_id, name)
SELECT current_tenant(), p, lower(c), c FROM unnest(ARRAY['shopify', 'amazon']) p, unnest(ARRAY['Coffee', 'Tea', 'Brewing', 'Gifts']) c;

INSERT INTO products (tenant_id, platform, product_id, sku, name, category_id, cost, price, created_at)
SELECT current_tenant(), p, left(p, 1) || '-' || n, 'SKU-' || n, name, category, round(price * share, 2), price, now() - interval '14 months'
FROM unnest(ARRAY['shopify', 'amazon']) p,
     (VALUES (1, 'Ethiopia Yirgacheffe, 1 kg', 'coffee', 34.90, .52), (2, 'House Espresso, 1 kg', 'coffee', 27.50, .48),
             (3, 'Decaf Colombia, 500 g', 'coffee', 17.90, .55), (4, 'Cold Brew Blend, 250 g', 'coffee', 9.95, .50),
             (5, 'First Flush Darjeeling, 100 g', 'tea', 14.50, .38), (6, 'Sencha Uji, 100 g', 'tea', 16.20, .41),
             (7, 'Rooibos Vanilla, 200 g', 'tea', 8.90, .35), (8, 'Gooseneck Kettle 0.9 l', 'brewing', 89.00, .61),
             (9, 'Hand Grinder, steel burrs', 'brewing', 119.00, .58), (10, 'Paper Filters, 100 pieces', 'brewing', 6.50, .30),
             (11, 'Pour-over Set "Morning"', 'gifts', 64.00, .54), (12, 'Tasting Box, six origins', 'gifts', 42.00, .49),
             (13, 'Descaler, 750 ml', 'brewing', 11.80, .44), (14, 'Travel Mug 350 ml', 'gifts', 24.90, .47)) v (n, name, category, price, share);

CREATE TEMP TABLE made ON COMMIT DROP AS
SELECT o, CASE WHEN pg_temp.dice('p' || o) < .68 THEN 'shopify' ELSE 'amazon' END AS platform,
       date_trunc('second', now() - interval '1 hour' - interval '13 months' * (1 - (o::double precision / 4200) ^ .8)) AS placed_at
FROM generate_series(1, 4200) o
UNION ALL
SELECT 10000 + o, 'shopify', date_trunc('second', now() - make_interval(secs => 3600 * o * 1.7)) FROM generate_series(1, 40) o;

-- The year has its seasons: full before Christmas, thin in summer.
DELETE FROM made WHERE o < 10000 AND pg_temp.dice('k' || o) > .62 + .33 * cos(2 * pi() * (extract(doy FROM placed_at) - 345) / 365);

INSERT INTO orders (tenant_id, placed_at, platform, order_id, status, customer_id, currency, shipping, test)
SELECT current_tenant(), placed_at, platform, 'o' || o,
       CASE WHEN pg_temp.dice('x' || o) < .03 THEN 'cancelled' ELSE 'completed' END,
       'c' || floor(pg_temp.dice('c' || o) * 700), (SELECT currency FROM tenants WHERE tenant_id = current_tenant()),
       CASE WHEN pg_temp.dice('s' || o) < .4 THEN 4.90 ELSE 0 END, false
FROM made;

INSERT INTO order_items (tenant_id, placed_at, platform, order_id, line_id, product_id, quantity, unit_price, unit_cost, discount)
SELECT current_tenant(), m.placed_at, m.platform, 'o' || m.o, l::text, p.product_id, 1 + floor(pg_temp.dice('q' || m.o || l) ^ 3 * 4)::int,
       p.price, p.cost, CASE WHEN pg_temp.dice('d' || m.o || l) < .15 THEN round(p.price * .1, 2) ELSE 0 END
FROM made m
CROSS JOIN LATERAL generate_series(1, 1 + floor(pg_temp.dice('l' || m.o) * 3)::int) l
JOIN products p ON p.tenant_id = current_tenant() AND p.platform = m.platform
    AND p.product_id = left(m.platform, 1) || '-' || (1 + floor(pg_temp.dice('i' || m.o || l) ^ 1.6 * 14)::int);

INSERT INTO refunds (tenant_id, platform, refund_id, line_id, order_id, product_id, refunded_at, quantity, amount)
SELECT tenant_id, platform, 'r' || order_id, line_id, order_id, product_id, least(placed_at + interval '6 days', now() - interval '10 minutes'), 1, unit_price
FROM order_items WHERE tenant_id = current_tenant() AND line_id = '1' AND pg_temp.dice('r' || order_id) < .04;

INSERT INTO expenses (tenant_id, platform, expense_id, incurred_at, category, amount, description)
SELECT current_tenant(), platform, left(platform, 1) || '-' || category || '-' || m,
       now() - interval '2 hours' - make_interval(months => m, days => (pg_temp.dice(category) * 9)::int), category,
       round((base * (1.25 - m * .03) * (.85 + .3 * pg_temp.dice(category || platform || m)))::numeric, 2), NULL
FROM generate_series(0, 12) m, unnest(ARRAY['shopify', 'amazon']) platform,
     (VALUES ('Advertising', 1290.0), ('Shipping', 820.0), ('Marketplace fees', 690.0), ('Packaging', 330.0), ('Software', 195.0),
             ('Rent', 960.0), ('Wages', 2650.0)) v (category, base);
