-- From typed rows to the base tables: only what is new or really different is written.

-- lock --
-- One merge at a time per tenant, platform and kind: an order id is unique across the months only because of it. Kinds
-- that all platforms share are locked for all of them. Always in the same order, so that no two wait for each other.
SELECT pg_advisory_xact_lock(hashtextextended(format('tallymark.ingest %%s %%s %%s', %(tenant)s::integer, platform, kind), 0))
FROM unnest(%(platforms)s::text[], %(kinds)s::text[]) AS k (platform, kind);

-- change --
-- Rows that are there with other values.
UPDATE {table} t
SET {assignments}
FROM {incoming} i
WHERE t.tenant_id = %(tenant)s AND {same_key}
  AND ({stored}) IS DISTINCT FROM ({given}) AND {not_older};

-- add --
-- Rows that are not there.
INSERT INTO {table} (tenant_id, {columns})
SELECT %(tenant)s, {given}
FROM {incoming} i
WHERE NOT EXISTS (SELECT FROM {table} t WHERE t.tenant_id = %(tenant)s AND {same_key});

-- ensure_months --
-- Only the months that occur: one mistyped year must not make a thousand partitions. Before anything of this
-- transaction has read orders, because a new partition is attached to them.
SELECT ensure_months(month, month)
FROM (SELECT DISTINCT date_trunc('month', placed_at, 'UTC') AS month FROM incoming_orders) months
ORDER BY month;

-- holds_orders --
-- A first load need not look for what is not there.
SELECT EXISTS (SELECT FROM orders WHERE tenant_id = %(tenant)s AND platform = %(platform)s);

-- first_order_times --
-- As order_times, where nothing is stored yet.
CREATE TEMP TABLE order_times ON COMMIT DROP AS
SELECT order_id, placed_at, NULL::timestamptz AS was_at FROM incoming_orders;

-- order_times --
-- When each order of the batch, or of its lines, was placed by this batch (placed_at) and by what is stored (was_at).
CREATE TEMP TABLE order_times ON COMMIT DROP AS
SELECT order_id, coalesce(i.placed_at, o.placed_at) AS placed_at, o.placed_at AS was_at
FROM (SELECT order_id FROM incoming_orders UNION SELECT order_id FROM incoming_order_items) touched
LEFT JOIN incoming_orders i USING (order_id)
LEFT JOIN (SELECT order_id, placed_at FROM orders WHERE tenant_id = {tenant} AND platform = {platform}) o USING (order_id);

-- count_orders --
-- How many of them are stored already, and how many of those move to another time.
SELECT count(was_at) AS known, count(*) FILTER (WHERE was_at <> placed_at) AS moved FROM order_times;

-- note_orphans --
-- Lines of an order that is neither stored nor in the batch, be it with a bad row.
INSERT INTO bad_rows
SELECT file, line, 1, 'order_id', 'order ' || quote_literal(left(i.order_id, 60)) || ' is neither in this import nor imported before'
FROM incoming_order_items i LEFT JOIN order_times t USING (order_id)
WHERE t.placed_at IS NULL AND NOT EXISTS (SELECT FROM staged_orders s WHERE s.order_id = i.order_id);

-- change_orders --
-- An order whose placed_at changed moves to the partition of its new month.
UPDATE orders o
SET placed_at = i.placed_at {assignments}
FROM incoming_orders i JOIN order_times t USING (order_id)
WHERE t.was_at IS NOT NULL
  AND o.tenant_id = %(tenant)s AND o.placed_at = t.was_at AND o.platform = %(platform)s AND o.order_id = i.order_id
  AND (o.placed_at {stored}) IS DISTINCT FROM (i.placed_at {given});

-- add_orders --
-- Known to be new by order_times, so no key is probed.
INSERT INTO orders (tenant_id, platform, {columns})
SELECT %(tenant)s, %(platform)s, {given}
FROM incoming_orders i
WHERE NOT EXISTS (SELECT FROM order_times t WHERE t.order_id = i.order_id AND t.was_at IS NOT NULL);

-- move_items --
-- Lines follow their order, those that this batch does not name too.
UPDATE order_items l
SET placed_at = t.placed_at
FROM order_times t
WHERE t.was_at <> t.placed_at
  AND l.tenant_id = %(tenant)s AND l.placed_at = t.was_at AND l.platform = %(platform)s AND l.order_id = t.order_id;

-- change_items --
-- Lines that are there with other values.
UPDATE order_items l
SET {assignments}
FROM incoming_order_items i JOIN order_times t USING (order_id)
WHERE l.tenant_id = %(tenant)s AND l.placed_at = t.placed_at AND l.platform = %(platform)s
  AND l.order_id = i.order_id AND l.line_id = i.line_id
  AND ({stored}) IS DISTINCT FROM ({given});

-- add_items --
-- Lines that are not there.
INSERT INTO order_items (tenant_id, platform, placed_at, {columns})
SELECT %(tenant)s, %(platform)s, t.placed_at, {given}
FROM incoming_order_items i JOIN order_times t USING (order_id)
WHERE NOT EXISTS (
    SELECT FROM order_items l
    WHERE l.tenant_id = %(tenant)s AND l.placed_at = t.placed_at AND l.platform = %(platform)s
      AND l.order_id = i.order_id AND l.line_id = i.line_id);
