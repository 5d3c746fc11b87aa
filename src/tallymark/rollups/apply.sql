-- How contributions get into facts and rollups: read the new, subtract the old, write the difference.

-- changed_orders --
-- The orders of the claimed keys as they are now beside what was last counted of them; equal ones drop out, and of the others the
-- lines that stayed as they were. Whatever stays where it was counted is one row of differences; what moves is taken back there
-- and added here.
-- Of a customer whose segment is another now, those that were counted in the one before.
claimed_customer AS MATERIALIZED (
    SELECT k.platform, k.customer_id, coalesce(c.segment, '') AS segment
    FROM unnest(%(customer_platform)s::text[], %(customer_id)s::text[]) AS k (platform, customer_id)
    LEFT JOIN LATERAL (
        SELECT c.segment FROM customers c
        WHERE c.tenant_id = %(tenant)s AND c.platform = k.platform AND c.customer_id = k.customer_id OFFSET 0) c ON true),
claimed_order AS MATERIALIZED (
    SELECT placed_at, platform, order_id
    FROM unnest(%(placed_at)s::timestamptz[], %(order_platform)s::text[], %(order_id)s::text[]) AS k (placed_at, platform, order_id)
    UNION
    SELECT f.placed_at, f.platform, f.order_id FROM claimed_customer k
    CROSS JOIN LATERAL (
        SELECT f.placed_at, f.platform, f.order_id FROM order_fact f
        WHERE f.tenant_id = %(tenant)s AND f.platform = k.platform AND f.customer_id = k.customer_id AND f.segment <> k.segment OFFSET 0) f),
order_old AS MATERIALIZED (
    SELECT k.placed_at AS claimed_at, k.platform AS claimed_platform, k.order_id AS claimed_id, f.* FROM claimed_order k
    LEFT JOIN LATERAL (
        SELECT {order_columns} FROM order_fact f
        WHERE f.tenant_id = %(tenant)s AND f.placed_at = k.placed_at AND f.platform = k.platform AND f.order_id = k.order_id OFFSET 0) f ON true),
order_new AS MATERIALIZED ({order_contribution}),
order_pair AS MATERIALIZED (
    SELECT {new_and_old} FROM order_old o
    FULL JOIN order_new n ON n.placed_at = o.claimed_at AND n.platform = o.claimed_platform AND n.order_id = o.claimed_id
    WHERE ({new}) IS DISTINCT FROM ({old})),
order_delta AS MATERIALIZED (
    SELECT {order_differences} FROM order_pair WHERE ({new_traits}) IS NOT DISTINCT FROM ({old_traits})
    UNION ALL SELECT {order_added} FROM order_pair WHERE new_order_id IS NOT NULL AND ({new_traits}) IS DISTINCT FROM ({old_traits})
    UNION ALL SELECT {order_taken_back} FROM order_pair WHERE old_order_id IS NOT NULL AND ({new_traits}) IS DISTINCT FROM ({old_traits})),
line_pair AS MATERIALIZED (
    SELECT * FROM (SELECT new_day, old_day, coalesce(new_platform, old_platform) AS platform, {new_and_old_lines} FROM order_pair) l
    WHERE (new_day, {new_lines}) IS DISTINCT FROM (old_day, {old_lines})),
line_delta AS (
    SELECT new_day AS day, platform, new_line_product AS product_id, {line_differences} FROM line_pair l, {new_line}, {old_line}
    WHERE new_day = old_day AND new_line_product = old_line_product
    UNION ALL SELECT new_day, platform, new_line_product, {line_added} FROM line_pair l, {new_line}
    WHERE new_line_product IS NOT NULL AND (new_day, new_line_product) IS DISTINCT FROM (old_day, old_line_product)
    UNION ALL SELECT old_day, platform, old_line_product, {line_taken_back} FROM line_pair l, {old_line}
    WHERE old_line_product IS NOT NULL AND (new_day, new_line_product) IS DISTINCT FROM (old_day, old_line_product)),
order_fact_gone AS (
    DELETE FROM order_fact f
    USING (SELECT old_placed_at, old_platform, old_order_id FROM order_pair WHERE new_order_id IS NULL) g
    WHERE f.tenant_id = %(tenant)s AND f.placed_at = g.old_placed_at AND f.platform = g.old_platform AND f.order_id = g.old_order_id),
order_fact_put AS (
    INSERT INTO order_fact (tenant_id, {order_columns}) SELECT %(tenant)s, {new_columns} FROM order_pair WHERE new_order_id IS NOT NULL
    ON CONFLICT (tenant_id, placed_at, platform, order_id) DO UPDATE SET {order_replaced})

-- orders_of_a_build --
-- The orders of a stretch of time that has no facts yet.
order_added AS MATERIALIZED ({order_contribution}),
order_delta AS (SELECT * FROM order_added),
line_delta AS (SELECT day, platform, product_id, {line_measures} FROM (SELECT day, platform, {lines} FROM order_delta) l),
order_fact_put AS (INSERT INTO order_fact (tenant_id, {order_columns}) SELECT %(tenant)s, a.* FROM order_added a)

-- no_orders --
-- For a step that is about refunds alone.
order_delta AS (SELECT {order_columns} FROM order_fact WHERE false),
line_delta AS (SELECT day, platform, product_id, {line_measures} FROM (SELECT day, platform, {lines} FROM order_delta) l)

-- changed_refunds --
-- The refunds of the claimed keys, and those of the claimed orders: an order that moves or is cancelled takes them along.
claimed_refund AS MATERIALIZED (
    SELECT platform, refund_id FROM unnest(%(refund_platform)s::text[], %(refund_id)s::text[]) AS k (platform, refund_id)
    UNION
    SELECT r.platform, r.refund_id FROM claimed_order k
    CROSS JOIN LATERAL (
        SELECT r.platform, r.refund_id FROM refunds r
        WHERE r.tenant_id = %(tenant)s AND r.platform = k.platform AND r.order_id = k.order_id OFFSET 0) r
    UNION
    SELECT f.platform, f.refund_id FROM claimed_customer k
    CROSS JOIN LATERAL (
        SELECT f.platform, f.refund_id FROM refund_fact f
        WHERE f.tenant_id = %(tenant)s AND f.platform = k.platform AND f.customer_id = k.customer_id AND f.segment <> k.segment OFFSET 0) f),
refund_new AS MATERIALIZED ({refund_contribution}),
refund_old AS MATERIALIZED (
    SELECT f.* FROM claimed_refund k
    CROSS JOIN LATERAL (
        SELECT {refund_columns} FROM refund_fact f WHERE f.tenant_id = %(tenant)s AND f.platform = k.platform AND f.refund_id = k.refund_id OFFSET 0) f),
refund_added AS MATERIALIZED (SELECT * FROM refund_new EXCEPT SELECT * FROM refund_old),
refund_dropped AS MATERIALIZED (SELECT * FROM refund_old EXCEPT SELECT * FROM refund_new),
refund_delta AS MATERIALIZED (SELECT 1 AS sgn, a.* FROM refund_added a UNION ALL SELECT -1, d.* FROM refund_dropped d),
refund_fact_gone AS (
    DELETE FROM refund_fact f
    USING (SELECT platform, refund_id, line_id FROM refund_dropped EXCEPT SELECT platform, refund_id, line_id FROM refund_added) g
    WHERE f.tenant_id = %(tenant)s AND f.platform = g.platform AND f.refund_id = g.refund_id AND f.line_id = g.line_id),
refund_fact_put AS (
    INSERT INTO refund_fact (tenant_id, {refund_columns}) SELECT %(tenant)s, a.* FROM refund_added a
    ON CONFLICT (tenant_id, platform, refund_id, line_id) DO UPDATE SET {refund_replaced})

-- refunds_of_a_build --
-- Every refund of a tenant that has no facts of them yet.
refund_added AS MATERIALIZED ({refund_contribution}),
refund_delta AS (SELECT 1 AS sgn, a.* FROM refund_added a),
refund_fact_put AS (INSERT INTO refund_fact (tenant_id, {refund_columns}) SELECT %(tenant)s, a.* FROM refund_added a)

-- no_refunds --
-- For a step that is about orders alone.
refund_delta AS (SELECT 1 AS sgn, {refund_columns} FROM refund_fact WHERE false)

-- outcome --
-- What the step did, the rollup rows that came to zero, and what changed for customers: arrays as text, for they are only handed on.
SELECT (SELECT count(*) FROM order_pair WHERE new_order_id IS NOT NULL), (SELECT count(*) FROM refund_delta WHERE sgn = 1),
    (SELECT jsonb_object_agg(e.name, e.keys) FROM ({emptied}) AS e (name, keys)),
    c.platform::text, c.customer::text, c.day::text, c.orders::text, c.gross::text, c.discounts::text, c.total::text
FROM (
    SELECT array_agg(platform) AS platform, array_agg(customer_id) AS customer, array_agg(day) AS day, array_agg(orders) AS orders,
        array_agg(gross) AS gross, array_agg(discounts) AS discounts, array_agg(total) AS total
    FROM (
        SELECT platform, customer_id, day, sum(orders)::bigint AS orders, sum(gross) AS gross, sum(discounts) AS discounts, sum(total) AS total
        FROM ({customer_change}) d GROUP BY platform, customer_id, day
        HAVING sum(orders) <> 0 OR sum(gross) <> 0 OR sum(discounts) <> 0 OR sum(total) <> 0) d) c

-- build_outcome --
-- The same without customers, whose turn comes when all facts are there; nothing comes to zero in a build.
SELECT (SELECT count(*) FROM order_delta), (SELECT count(*) FROM refund_delta)

-- place_product_total --
-- Products of all time, once all their months are there.
INSERT INTO product_total (tenant_id, platform, product_id, {measures})
SELECT tenant_id, platform, product_id, {sums} FROM product_month WHERE tenant_id = %(tenant)s
GROUP BY tenant_id, platform, product_id

-- place_assortment_month --
-- How many products were sold in each month, likewise.
INSERT INTO assortment_month (tenant_id, month, platform, products)
SELECT tenant_id, month, platform, count(*) FROM product_month WHERE tenant_id = %(tenant)s AND product_id <> '' AND lines > 0
GROUP BY tenant_id, month, platform

-- orders_under_rates --
-- The orders that changed rates hold for: those of the currency, from the rate's day until the next rate's, with a day
-- more at both ends, which is enough for any zone. Each stretch of time is read once for all currencies.
WITH changed AS (
    SELECT k.currency, range_agg(tstzrange((k.day - 1)::timestamp AT TIME ZONE 'UTC', (
            SELECT (min(e.day) + 1)::timestamp AT TIME ZONE 'UTC' FROM exchange_rates e
            WHERE e.tenant_id = %(tenant)s AND e.currency = k.currency AND e.day > k.day))) AS during
    FROM unnest(%(currency)s::text[], %(day)s::date[]) AS k (currency, day)
    GROUP BY k.currency)
SELECT o.placed_at, o.platform, o.order_id
FROM unnest((SELECT range_agg(c.during) FROM changed c)) AS stretch
CROSS JOIN LATERAL (
    SELECT o.placed_at, o.platform, o.order_id, o.currency FROM orders o
    WHERE o.tenant_id = %(tenant)s AND o.placed_at >= lower(stretch) AND o.placed_at < coalesce(upper(stretch), 'infinity') OFFSET 0) o
JOIN changed c ON c.currency = o.currency AND c.during @> o.placed_at

-- join_whole --
-- Hash and merge joins only, until the transaction ends or `join_again` comes.
SELECT set_config('enable_nestloop', 'off', true), set_config('jit', 'off', true)

-- join_again --
-- As the planner likes.
SELECT set_config('enable_nestloop', 'on', true)

-- span_of_orders --
-- From the first order to the last.
SELECT min(placed_at), max(placed_at) FROM orders WHERE tenant_id = %(tenant)s

-- months --
-- The tenant's local months of a span: their days are whole, so no two steps of a build write the same rollup row.
-- Where clocks go back at one o'clock, midnight comes twice: a month begins with the first, an hour after eleven.
SELECT begins, ends FROM (
    SELECT begins, lead(begins) OVER (ORDER BY begins) AS ends FROM (
        SELECT least(month AT TIME ZONE %(timezone)s, (month - interval '1 hour') AT TIME ZONE %(timezone)s + interval '1 hour') AS begins
        FROM generate_series(date_trunc('month', %(first)s::timestamptz AT TIME ZONE %(timezone)s),
                             date_trunc('month', %(last)s::timestamptz AT TIME ZONE %(timezone)s) + interval '1 month',
                             interval '1 month') month) b) months
WHERE ends IS NOT NULL
ORDER BY begins

-- count_facts --
-- How many orders a build has counted, to cut the customers' turn into shares.
SELECT coalesce(sum(orders), 0)::bigint FROM sales_day WHERE tenant_id = %(tenant)s
