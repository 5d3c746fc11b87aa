-- raise_alert --
-- Something a person should look at; found again, it is the same one.
INSERT INTO alerts AS a (tenant_id, kind, subject, message, details)
VALUES (%(tenant)s, %(kind)s, %(subject)s, %(message)s, %(details)s)
ON CONFLICT (tenant_id, kind, subject) WHERE resolved_at IS NULL
DO UPDATE SET message = EXCLUDED.message, details = EXCLUDED.details, seen_at = clock_timestamp()

-- resolve_alert --
-- It is well again.
UPDATE alerts SET resolved_at = clock_timestamp()
WHERE tenant_id = %(tenant)s AND kind = %(kind)s AND subject = %(subject)s AND resolved_at IS NULL

-- alerts --
-- What is not well, the newest first.
SELECT kind, subject, message, raised_at, seen_at FROM alerts
WHERE tenant_id = %(tenant)s AND resolved_at IS NULL ORDER BY raised_at DESC

-- open_alerts --
-- How much is not well, of all tenants.
SELECT open_alerts()

-- least_checked --
-- Whom to recount tonight.
SELECT t.tenant_id, t.slug, t.name, t.timezone, t.currency
FROM least_checked(%(most)s) WITH ORDINALITY AS c (tenant_id, place) JOIN tenants t USING (tenant_id) ORDER BY place

-- note_check --
-- What a recount found.
INSERT INTO integrity_checks (tenant_id, checked_at, rows_compared, answers_compared, differing, ms)
VALUES (%(tenant)s, clock_timestamp(), %(rows)s, %(answers)s, %(differing)s, %(ms)s)
ON CONFLICT (tenant_id) DO UPDATE SET checked_at = EXCLUDED.checked_at, rows_compared = EXCLUDED.rows_compared,
    answers_compared = EXCLUDED.answers_compared, differing = EXCLUDED.differing, ms = EXCLUDED.ms

-- forget_history --
-- Figures of long ago; the newest of each metric stays, to tell whether the next one differs.
DELETE FROM analytics_history h
WHERE tenant_id = %(tenant)s AND created_at < clock_timestamp() - make_interval(months => %(months)s)
  AND version < (SELECT max(n.version) FROM analytics_history n
                 WHERE n.tenant_id = h.tenant_id AND n.metric_type = h.metric_type AND n.platform = h.platform)

-- forget_runs --
-- Runs of long ago, failed or not; the newest that ended well stays.
DELETE FROM analytics_metadata
WHERE tenant_id = %(tenant)s AND started_at < clock_timestamp() - make_interval(months => %(months)s) AND status <> 'processing'
  AND run_id IS DISTINCT FROM (SELECT n.run_id FROM analytics_metadata n
                               WHERE n.tenant_id = %(tenant)s AND n.status = 'completed' ORDER BY n.started_at DESC LIMIT 1)

-- forget_alerts --
-- What has been well for long.
DELETE FROM alerts WHERE tenant_id = %(tenant)s AND resolved_at < clock_timestamp() - make_interval(months => %(months)s)

-- forget_audit --
-- Entries of the audit log that are older than they have to be kept.
SELECT forget_audit(clock_timestamp() - make_interval(months => %(months)s))

-- forget_sign_ins --
-- Attempts to sign in, likewise.
SELECT forget_sign_ins(clock_timestamp() - make_interval(months => %(months)s))

-- forget_sessions --
-- Sessions that have ended.
DELETE FROM sessions WHERE created_at < now() - interval '30 days' OR seen_at < now() - interval '3 days'

-- forget_refresh_tokens --
-- Families of refresh tokens of which none is good any more.
DELETE FROM refresh_tokens t
WHERE t.created_at < now() - interval '30 days'
  AND NOT EXISTS (SELECT FROM refresh_tokens n WHERE n.family = t.family AND n.created_at >= now() - interval '30 days')

-- months_ahead --
-- Partitions for the months to come, so that no import has to make them.
SELECT ensure_months(now() - interval '1 month', now() + make_interval(months => %(months)s))

-- analyze_parents --
-- Statistics of tables that autovacuum leaves out.
SELECT analyze_parents()
