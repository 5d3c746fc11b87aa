-- run --
-- Why: one refresh as its record tells of it, whichever process carries it out; last, whether nobody does any more. So it
-- is where the refresh lock is not held; the run may also have ended between the look at its record and that at the lock.
SELECT run_id, platform, status, triggered_by, started_at, snapshot_at, last_refresh_at, refresh_duration_ms,
       changes_applied, total_orders_processed, total_expenses_processed, version, phases, metrics, error_message,
       (status = 'processing' AND NOT pg_is_in_recovery() AND NOT EXISTS (
           SELECT FROM pg_locks
           WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
             AND classid = %(lock_class)s AND objid = %(tenant_id)s::oid AND objsubid = 2 AND granted))
FROM analytics_metadata
WHERE tenant_id = %(tenant_id)s AND run_id = %(run_id)s

-- steps --
-- Why: how far a run is, beside its transaction.
SELECT step, done, total
FROM analytics_progress
WHERE tenant_id = %(tenant_id)s AND run_id = %(run_id)s
ORDER BY seq

-- recent --
-- Why: the last runs, for the status page; last, as above.
SELECT run_id, platform, status, triggered_by, started_at, last_refresh_at, refresh_duration_ms, changes_applied, version,
       error_message,
       (status = 'processing' AND NOT pg_is_in_recovery() AND NOT EXISTS (
           SELECT FROM pg_locks
           WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
             AND classid = %(lock_class)s AND objid = %(tenant_id)s::oid AND objsubid = 2 AND granted))
FROM analytics_metadata
WHERE tenant_id = %(tenant_id)s
ORDER BY started_at DESC
LIMIT %(limit)s

-- under_way --
-- Why: a run of any process. Without the refresh lock (which no replica shows) its process has died.
SELECT run_id, started_at
FROM analytics_metadata
WHERE tenant_id = %(tenant_id)s AND status = 'processing'
  AND (pg_is_in_recovery() OR EXISTS (
      SELECT FROM pg_locks
      WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND classid = %(lock_class)s AND objid = %(tenant_id)s::oid AND objsubid = 2 AND granted))
ORDER BY started_at DESC
LIMIT 1

-- answering --
-- Why: the newest finished run whose snapshot was taken after somebody came: it holds all they could have meant.
SELECT run_id, platform, status, triggered_by, started_at, snapshot_at, last_refresh_at, refresh_duration_ms,
       changes_applied, total_orders_processed, total_expenses_processed, version, phases, metrics, error_message
FROM analytics_metadata
WHERE tenant_id = %(tenant_id)s AND status = 'completed' AND snapshot_at >= %(arrived)s
ORDER BY started_at DESC
LIMIT 1

-- clock --
-- Why: arrivals and snapshots are compared by the database's clock, whatever ours says.
SELECT clock_timestamp()

-- stored --
-- Why: how fresh each stored metric is, without its figures.
SELECT metric_type, computed_at, data_through, version, computation_time_ms, failed_at, failure
FROM analytics_cache
WHERE tenant_id = %(tenant_id)s AND platform = %(platform)s
ORDER BY metric_type, failed_at DESC NULLS LAST, computed_at
