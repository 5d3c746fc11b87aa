-- published_by --
-- For each commit the first publication whose snapshot holds it, and the run of a worker that made it where one did: when
-- each step of that began. While one run was still under way when the change came, `behind` is when that one ended.
SELECT c.at, p.triggered_by, j.created_at, j.started_at, p.started_at, p.last_refresh_at, b.ended_at
FROM unnest(%(commits)s::timestamptz[]) AS c (at)
LEFT JOIN LATERAL (
    SELECT m.triggered_by, m.started_at, m.last_refresh_at FROM analytics_metadata m
    WHERE m.tenant_id = %(tenant)s AND m.status = 'completed' AND m.snapshot_at >= c.at
    ORDER BY m.last_refresh_at LIMIT 1) p ON true
LEFT JOIN LATERAL (
    SELECT r.created_at, r.started_at FROM job_runs r
    WHERE r.tenant_id = %(tenant)s AND r.job = 'wake' AND r.started_at <= p.started_at
    ORDER BY r.started_at DESC LIMIT 1) j ON p.triggered_by = 'event'
LEFT JOIN LATERAL (
    SELECT r.ended_at FROM job_runs r
    WHERE r.tenant_id = %(tenant)s AND r.job = 'wake' AND r.started_at <= c.at AND r.ended_at > c.at
    LIMIT 1) b ON true

-- runs --
-- What the refreshes of a shop took: seconds until they were published, and for the answers that followed.
SELECT refresh_duration_ms / 1000, coalesce((phases ->> 'Preparing Answers')::double precision, 0) / 1000
FROM analytics_metadata WHERE tenant_id = %(tenant)s AND status = 'completed' AND started_at >= %(since)s
