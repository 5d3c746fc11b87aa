-- archives --
-- What of a tenant is archived.
SELECT month, file, lines, sha256 FROM archives WHERE tenant_id = %(tenant)s ORDER BY month

-- full_months --
-- Months that ended before an instant and have lines; those archived before and changed since, too.
SELECT m.month
FROM (SELECT generate_series(date_trunc('month', (SELECT min(placed_at) FROM orders WHERE tenant_id = %(tenant)s), 'UTC'),
                             %(before)s::timestamptz - interval '1 month', interval '1 month') AS month) m
WHERE EXISTS (SELECT FROM order_items i
              WHERE i.tenant_id = %(tenant)s AND i.placed_at >= m.month AND i.placed_at < m.month + interval '1 month')
ORDER BY 1

-- lines --
-- The lines of a month as text, in the order of their key: what a file holds, to the last digit.
SELECT platform, order_id, line_id, product_id, quantity::text, unit_price::text, unit_cost::text, discount::text, tax::text
FROM order_items
WHERE tenant_id = %(tenant)s AND placed_at >= %(month)s AND placed_at < %(month)s + interval '1 month'
ORDER BY platform, order_id, line_id

-- remove --
-- They are in the file.
DELETE FROM order_items
WHERE tenant_id = %(tenant)s AND placed_at >= %(month)s AND placed_at < %(month)s + interval '1 month'

-- unlog --
-- Nothing has changed for the figures: what this transaction did to the lines is no change to be counted.
DELETE FROM change_log WHERE tenant_id = %(tenant)s AND xid = pg_current_xact_id()

-- note --
-- Where they are.
INSERT INTO archives (tenant_id, month, file, lines, sha256) VALUES (%(tenant)s, %(month)s, %(file)s, %(lines)s, %(sha256)s)

-- forget --
-- They are back.
DELETE FROM archives WHERE tenant_id = %(tenant)s AND month = %(month)s

-- incoming --
-- Where the lines of files are put before they find their orders.
CREATE TEMPORARY TABLE archive_incoming (
    platform text COLLATE "C", order_id text COLLATE "C", line_id text COLLATE "C", product_id text COLLATE "C",
    quantity bigint, unit_price numeric, unit_cost numeric, discount numeric, tax numeric) ON COMMIT DROP

-- copy_incoming --
-- Rows of a file.
COPY archive_incoming FROM STDIN

-- analyze_incoming --
-- The planner knows nothing of a table this young.
ANALYZE archive_incoming

-- join_incoming --
-- Each line with its order, wherever that is now, unless the line is stored again: what is stored is newer.
CREATE TEMPORARY TABLE archived_lines ON COMMIT DROP AS
SELECT o.tenant_id, o.placed_at, l.platform, l.order_id, l.line_id, l.product_id, l.quantity, l.unit_price, l.unit_cost, l.discount, l.tax
FROM archive_incoming l
JOIN orders o ON o.tenant_id = %(tenant)s AND o.platform = l.platform AND o.order_id = l.order_id
WHERE NOT EXISTS (
    SELECT FROM order_items i
    WHERE i.tenant_id = %(tenant)s AND i.placed_at = o.placed_at AND i.platform = l.platform AND i.order_id = l.order_id AND i.line_id = l.line_id)

-- put_back --
-- The lines are stored again.
INSERT INTO order_items (tenant_id, placed_at, platform, order_id, line_id, product_id, quantity, unit_price, unit_cost, discount, tax)
SELECT tenant_id, placed_at, platform, order_id, line_id, product_id, quantity, unit_price, unit_cost, discount, tax FROM archived_lines

-- beside_stored --
-- For a recount: the name of the lines means those stored and those archived.
CREATE TEMPORARY VIEW order_items AS SELECT * FROM tallymark.order_items UNION ALL SELECT * FROM pg_temp.archived_lines

-- needed --
-- The archived months of orders that changes which wait will count anew: those that changed, those of changed refunds, those
-- of customers whose segment is another, and those in a currency whose rates are another.
WITH waiting AS MATERIALIZED (
    SELECT source, platform, ids, instants FROM change_log c
    WHERE tenant_id = %(tenant)s AND source IN ('orders', 'refunds', 'segments', 'exchange_rates')
      AND (%(seen)s::pg_snapshot IS NULL
           OR (xid >= pg_snapshot_xmin(%(seen)s::pg_snapshot) AND NOT pg_visible_in_snapshot(xid, %(seen)s::pg_snapshot)))),
touched (at) AS MATERIALIZED (
    SELECT at FROM waiting w, unnest(w.instants) AS at WHERE w.source = 'orders'
    UNION ALL
    SELECT o.placed_at FROM waiting w, unnest(w.ids) AS id
    JOIN refunds r ON r.tenant_id = %(tenant)s AND r.refund_id = id
    JOIN orders o ON o.tenant_id = %(tenant)s AND o.platform = r.platform AND o.order_id = r.order_id
    WHERE w.source = 'refunds' AND r.platform = w.platform
    UNION ALL
    SELECT f.placed_at FROM waiting w, unnest(w.ids) AS id
    JOIN order_fact f ON f.tenant_id = %(tenant)s AND f.customer_id = id
    WHERE w.source = 'segments' AND f.platform = w.platform
    UNION ALL
    SELECT o.placed_at FROM waiting w, unnest(w.ids) AS id
    JOIN orders o ON o.tenant_id = %(tenant)s AND o.currency = id
        AND o.placed_at < (SELECT max(month) + interval '1 month' FROM archives WHERE tenant_id = %(tenant)s)
    WHERE w.source = 'exchange_rates')
SELECT a.month, a.file, a.lines, a.sha256 FROM archives a
WHERE a.tenant_id = %(tenant)s AND EXISTS (SELECT FROM touched t WHERE t.at >= a.month AND t.at < a.month + interval '1 month')
ORDER BY a.month

-- has_archives --
-- Whether anything is archived at all, which is quickly said.
SELECT EXISTS (SELECT FROM archives WHERE tenant_id = %(tenant)s)
