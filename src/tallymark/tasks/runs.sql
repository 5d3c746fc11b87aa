-- The record of a run is written in transactions of its own, so that it shows while the run is under way; only its
-- completion is part of the transaction that publishes.

-- clock --
-- The database's clock: the only one that arrivals and snapshots are compared by.
SELECT clock_timestamp()

-- lock --
-- One refresh at a time for each tenant, on any machine. Taken on the session, before the snapshot.
SELECT pg_advisory_lock(%(class)s, %(tenant)s)

-- unlock --
-- The next refresh may begin.
SELECT pg_advisory_unlock(%(class)s, %(tenant)s)

-- lock_for_now --
-- The same lock, to the end of the transaction.
SELECT pg_advisory_xact_lock(%(class)s, %(tenant)s)

-- daily_alone --
-- Whether nobody else is at the answers of this tenant's day. Kept by the session, which is over soon after.
SELECT pg_try_advisory_lock(%(class)s, %(tenant)s)

-- locked --
-- Whether somebody holds that lock or waits for it.
SELECT EXISTS (
    SELECT FROM pg_locks
    WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
      AND classid = %(class)s::integer::oid AND objid = %(tenant)s::integer::oid AND objsubid = 2)

-- latest_completed --
-- The newest run whose snapshot was taken after somebody arrived: it holds all they could have meant.
SELECT run_id::text, platform, version, changes_applied, metrics, refresh_duration_ms, phases, last_refresh_at, error_message
FROM analytics_metadata
WHERE tenant_id = %(tenant)s AND status = 'completed' AND snapshot_at >= %(arrived)s
ORDER BY started_at DESC LIMIT 1

-- abandon --
-- Whoever holds the lock knows that a run still marked as processing has died.
UPDATE analytics_metadata SET status = 'failed', last_refresh_at = clock_timestamp(),
    error_message = %(error)s
WHERE tenant_id = %(tenant)s AND status = 'processing'

-- start --
-- A run begins.
INSERT INTO analytics_metadata (tenant_id, run_id, platform, triggered_by, started_at)
VALUES (%(tenant)s, %(run)s, %(platform)s, %(triggered_by)s, %(arrived)s)

-- complete --
-- A run ends well; committed together with what it publishes.
UPDATE analytics_metadata SET status = 'completed', snapshot_at = %(snapshot_at)s, last_refresh_at = %(now)s,
    refresh_duration_ms = %(duration_ms)s, changes_applied = %(changes)s, total_orders_processed = %(orders)s,
    total_expenses_processed = %(expenses)s, version = %(version)s, phases = %(phases)s, metrics = %(metrics)s,
    error_message = %(error)s
WHERE tenant_id = %(tenant)s AND run_id = %(run)s

-- add --
-- What was worked out after the publication.
UPDATE analytics_metadata SET phases = %(phases)s, metrics = %(metrics)s, error_message = %(error)s
WHERE tenant_id = %(tenant)s AND run_id = %(run)s

-- fail --
-- A run ends badly; nothing it did is published. One that was published before its connection was lost stays completed.
UPDATE analytics_metadata SET status = 'failed', last_refresh_at = clock_timestamp(), error_message = %(error)s,
    refresh_duration_ms = extract(epoch FROM clock_timestamp() - started_at) * 1000
WHERE tenant_id = %(tenant)s AND run_id = %(run)s AND status = 'processing'

-- progress --
-- A step that others can watch; losing one costs nothing, so nobody waits for the disk.
INSERT INTO analytics_progress (tenant_id, run_id, seq, step, done, total)
VALUES (%(tenant)s, %(run)s, %(seq)s, %(step)s, %(done)s, %(total)s)
ON CONFLICT (tenant_id, run_id, seq) DO UPDATE SET step = EXCLUDED.step, done = EXCLUDED.done, total = EXCLUDED.total, at = EXCLUDED.at

-- forget_progress --
-- The steps of a run are of no use a day later.
DELETE FROM analytics_progress WHERE tenant_id = %(tenant)s AND at < clock_timestamp() - interval '1 day'

-- platforms --
-- The platforms that the tenant's figures come from.
SELECT platform FROM sales_day WHERE tenant_id = %(tenant)s
UNION SELECT platform FROM expense_day WHERE tenant_id = %(tenant)s ORDER BY 1

-- data_through --
-- The latest instant of each platform's orders, refunds and expenses, none of them in the future. The days say how far
-- back to look for a refund: a platform may have few among many.
SELECT p.platform, greatest(
    (SELECT f.placed_at FROM order_fact f WHERE f.tenant_id = %(tenant)s AND f.placed_at <= %(now)s AND f.platform = p.platform
     ORDER BY f.placed_at DESC LIMIT 1),
    (SELECT r.refunded_at FROM refund_fact r
     WHERE r.tenant_id = %(tenant)s AND r.refunded_at BETWEEN last_refunds.since AND %(now)s AND r.platform = p.platform
     ORDER BY r.refunded_at DESC LIMIT 1),
    (SELECT max(e.incurred_at) FROM expenses e WHERE e.tenant_id = %(tenant)s AND e.incurred_at <= %(now)s AND e.platform = p.platform))
FROM unnest(%(platforms)s::text[]) AS p (platform)
CROSS JOIN LATERAL (
    SELECT coalesce(max(s.day)::timestamptz - interval '2 days', 'infinity') AS since
    FROM sales_day s
    WHERE s.tenant_id = %(tenant)s AND s.platform = p.platform AND s.refunds <> 0 AND s.day <= %(now)s::date + 1) last_refunds

-- announce --
-- Tells other instances, once the transaction is committed, that there is a new version.
SELECT pg_notify('tallymark_published', %(tenant)s || ':' || %(version)s)
