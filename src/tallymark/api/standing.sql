-- activity --
-- Why: how busy the database is.
SELECT size_bytes, connections, most_connections, dead_rows, oldest_transaction_seconds, longest_wait_seconds
FROM database_activity()

-- standing --
-- Why: how long ago a shop's figures were last found current, and what its last integrity check found.
SELECT extract(epoch FROM clock_timestamp() - p.checked_at),
       coalesce((SELECT differing FROM integrity_checks c WHERE c.tenant_id = %(tenant)s), 0)
FROM (SELECT 1) always
LEFT JOIN publications p ON p.tenant_id = %(tenant)s AND p.published_at IS NOT NULL
