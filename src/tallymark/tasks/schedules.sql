-- define --
-- What the declarations say, unless somebody has said otherwise.
INSERT INTO schedules AS s (tenant_id, job, cron, timezone, missed, owner)
VALUES (0, %(job)s, %(cron)s, %(timezone)s, %(missed)s, 'default')
ON CONFLICT (tenant_id, job) DO UPDATE SET cron = EXCLUDED.cron, timezone = EXCLUDED.timezone, missed = EXCLUDED.missed, next_at = NULL
WHERE s.owner = 'default' AND (s.cron, s.timezone, s.missed) <> (EXCLUDED.cron, EXCLUDED.timezone, EXCLUDED.missed)

-- retire --
-- Defaults of jobs that there are no more.
DELETE FROM schedules WHERE NOT job = ANY(%(jobs)s) AND owner = 'default'

-- due --
-- What is due, and what nobody has worked out yet, or only by a clock that has been set back since: then times would be
-- passed by that come again. Another worker that ticks at the same moment passes it by.
SELECT tenant_id, job, cron, timezone, missed, CASE WHEN counted_at > clock_timestamp() THEN NULL ELSE next_at END, clock_timestamp()
FROM schedules
WHERE enabled AND (coalesce(next_at, '-infinity') <= clock_timestamp() OR counted_at > clock_timestamp())
ORDER BY next_at NULLS FIRST LIMIT 100 FOR UPDATE SKIP LOCKED

-- advance --
-- Seen to: the next time is another.
UPDATE schedules SET next_at = %(next_at)s, counted_at = clock_timestamp(), last_at = coalesce(%(last_at)s, last_at)
WHERE tenant_id = %(tenant)s AND job = %(job)s

-- change --
-- Somebody says when a job runs. What is not given stays as it is, or as it is for all tenants.
INSERT INTO schedules AS s (tenant_id, job, cron, timezone, missed, enabled, owner)
SELECT %(tenant)s, %(job)s, coalesce(%(cron)s, d.cron), coalesce(%(timezone)s, d.timezone), coalesce(%(missed)s, d.missed),
    coalesce(%(enabled)s, d.enabled, true), %(owner)s
FROM (SELECT 1) AS always LEFT JOIN schedules d ON d.tenant_id = 0 AND d.job = %(job)s
ON CONFLICT (tenant_id, job) DO UPDATE SET cron = coalesce(%(cron)s, s.cron), timezone = coalesce(%(timezone)s, s.timezone),
    missed = coalesce(%(missed)s, s.missed), enabled = coalesce(%(enabled)s, s.enabled), owner = EXCLUDED.owner,
    next_at = NULL, changed_at = clock_timestamp()

-- reset --
-- Back to what holds for all tenants.
DELETE FROM schedules WHERE tenant_id = %(tenant)s AND job = %(job)s

-- of_tenant --
-- When a tenant's jobs run: its own schedules, and elsewhere those of all tenants.
SELECT DISTINCT ON (job) tenant_id, job, cron, timezone, missed, enabled, owner, next_at, last_at, clock_timestamp()
FROM schedules WHERE tenant_id IN (0, %(tenant)s) ORDER BY job, tenant_id DESC

-- tenants_without_own --
-- Whom a run for all tenants is for.
SELECT t.tenant_id, t.slug, t.name, t.timezone, t.currency FROM tenants t
WHERE t.active AND NOT EXISTS (SELECT FROM schedules s WHERE s.tenant_id = t.tenant_id AND s.job = %(job)s)
ORDER BY t.slug

-- clock --
-- The database's clock.
SELECT clock_timestamp()
