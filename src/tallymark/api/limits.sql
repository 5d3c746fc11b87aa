-- asked_for --
-- Why: the refreshes a person started within a window; those that failed do not count against them.
SELECT started_at
FROM analytics_metadata
WHERE tenant_id = %(tenant_id)s AND triggered_by = %(triggered_by)s AND status <> 'failed' AND started_at > %(since)s
ORDER BY started_at
