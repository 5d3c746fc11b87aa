-- Reading the change log by snapshot difference. A log row carries the transaction id of the change it tells of, so the
-- rows visible now and not in the last published snapshot are exactly the changes that this snapshot can see and the
-- published figures do not hold: nothing is lost to a transaction that commits late, and nothing is waited for.

-- pending --
-- The next rows of the log to apply, oldest first, up to a number of keys (always at least one row).
SELECT source, platform, ids, instants, seq
FROM (
    SELECT source, platform, ids, instants, seq,
        sum(coalesce(cardinality(instants), cardinality(ids), 0)) OVER (ORDER BY seq) - coalesce(cardinality(instants), cardinality(ids), 0) AS keys_before
    FROM change_log
    WHERE tenant_id = %(tenant)s
      AND xid >= pg_snapshot_xmin(%(seen)s::pg_snapshot)
      AND NOT pg_visible_in_snapshot(xid, %(seen)s::pg_snapshot)
      AND (%(target)s::pg_snapshot IS NULL OR pg_visible_in_snapshot(xid, %(target)s::pg_snapshot))
      AND seq > %(cursor)s) l
WHERE keys_before < %(most)s
ORDER BY seq

-- pending_keys --
-- How many keys wait, for progress and for the doctor.
SELECT coalesce(sum(coalesce(cardinality(instants), cardinality(ids), 1)), 0)::bigint
FROM change_log
WHERE tenant_id = %(tenant)s
  AND xid >= pg_snapshot_xmin(%(seen)s::pg_snapshot)
  AND NOT pg_visible_in_snapshot(xid, %(seen)s::pg_snapshot)
  AND (%(target)s::pg_snapshot IS NULL OR pg_visible_in_snapshot(xid, %(target)s::pg_snapshot))
  AND seq > %(cursor)s

-- progress --
-- How far the tenant's log has been applied.
SELECT tenant_id, system_id, seen::text, target::text, cursor_seq, version, published_at, checked_at, data_through, definition_hash, building
FROM publications WHERE tenant_id = %(tenant)s

-- start --
-- First publication, or a fresh start: all that this transaction sees will be built; what comes later is in the log.
INSERT INTO publications (tenant_id, system_id, seen, definition_hash, building)
VALUES (%(tenant)s, cluster_id(), pg_current_snapshot(), %(definition_hash)s, %(building)s)
ON CONFLICT (tenant_id) DO UPDATE SET system_id = EXCLUDED.system_id, seen = EXCLUDED.seen, target = NULL, cursor_seq = NULL,
    definition_hash = EXCLUDED.definition_hash, building = EXCLUDED.building

-- build_stage --
-- A build enters a stage.
UPDATE publications SET building = %(building)s WHERE tenant_id = %(tenant)s

-- built --
-- A build is finished. The change that it was stays unpublished until a step has ended it: nobody takes it for old.
UPDATE publications SET building = NULL, target = seen WHERE tenant_id = %(tenant)s

-- build_step --
-- One unit of the stage is done. No row: another process has taken the build over, and this step must not count.
UPDATE publications SET building = jsonb_set(building, '{done}', building->'done' || to_jsonb(%(unit)s::integer))
WHERE tenant_id = %(tenant)s AND building->>'id' = %(id)s AND building->>'stage' = %(stage)s
  AND NOT building->'done' @> to_jsonb(%(unit)s::integer)

-- step --
-- A large change is applied in steps: its end is fixed at the first step, the cursor moves with each.
UPDATE publications SET target = coalesce(target, %(target)s::pg_snapshot), cursor_seq = %(cursor)s WHERE tenant_id = %(tenant)s

-- finish --
-- All of `seen` is applied.
UPDATE publications SET seen = %(seen)s::pg_snapshot, target = NULL, cursor_seq = NULL WHERE tenant_id = %(tenant)s

-- publish --
-- One version of every figure appears at once.
UPDATE publications SET version = %(version)s, published_at = %(now)s, checked_at = %(now)s, evaluated_at = %(evaluated_at)s,
    data_through = %(data_through)s
WHERE tenant_id = %(tenant)s

-- checked --
-- Nothing had changed: the figures are as good as new.
UPDATE publications SET checked_at = %(now)s, evaluated_at = %(evaluated_at)s WHERE tenant_id = %(tenant)s

-- unfinished --
-- Some answers failed: they are worked out again soon, though nothing changes.
UPDATE publications SET evaluated_at = NULL WHERE tenant_id = %(tenant)s

-- snapshot --
-- What this transaction sees, which cluster its transaction ids belong to, and when it began.
SELECT pg_current_snapshot()::text, cluster_id(), now()

-- purge --
-- Log rows that the published figures hold: nobody will ask for them again, whatever other transactions are open.
DELETE FROM change_log l USING publications p
WHERE l.tenant_id = %(tenant)s AND p.tenant_id = l.tenant_id AND p.target IS NULL AND p.building IS NULL
  AND l.xid < pg_snapshot_xmax(p.seen) AND pg_visible_in_snapshot(l.xid, p.seen)
