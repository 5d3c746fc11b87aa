-- last_run --
-- The newest run of a tenant, and the metrics in it that failed.
SELECT status, started_at, refresh_duration_ms,
    ARRAY(SELECT key FROM json_each(metrics) WHERE value ->> 'status' = 'failed' ORDER BY key), error_message
FROM analytics_metadata WHERE tenant_id = %(tenant)s ORDER BY started_at DESC LIMIT 1

-- clock --
-- The clock that publications are stamped by.
SELECT clock_timestamp()

-- extensions --
-- What was added to the database; we ask for none.
SELECT extname FROM pg_extension WHERE extname <> 'plpgsql' ORDER BY extname
