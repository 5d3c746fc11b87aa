-- jobs --
-- How each job stands by its runs on record; tenant null: whoever they are of.
WITH seen AS (
    SELECT * FROM job_runs WHERE %(tenant)s::integer IS NULL OR tenant_id IN (0, %(tenant)s)
), figures AS (
    SELECT job, count(*) FILTER (WHERE status IN ('completed', 'failed')) AS total, count(*) FILTER (WHERE status = 'completed') AS good,
        count(*) FILTER (WHERE status = 'failed') AS bad, avg(ms) FILTER (WHERE status = 'completed') AS average,
        bool_or(status = 'running') AS running, bool_or(status = 'scheduled') AS waiting
    FROM seen GROUP BY job
)
SELECT f.job, f.total, f.good, f.bad, f.average, f.running, f.waiting, l.run_id::text
FROM figures f
LEFT JOIN LATERAL (
    SELECT run_id FROM seen s WHERE s.job = f.job AND s.started_at IS NOT NULL
    ORDER BY s.started_at DESC LIMIT 1) l ON true

-- runs --
-- The newest runs, of one job or all, of one status or all.
SELECT tenant_id, run_id::text AS run_id, job, key, trigger, triggered_by, status, attempt, created_at, due_at, started_at, ended_at, ms,
    progress, result, error, worker, (SELECT slug FROM tenants t WHERE t.tenant_id = r.tenant_id) AS tenant
FROM job_runs r
WHERE (%(tenant)s::integer IS NULL OR tenant_id IN (0, %(tenant)s)) AND (%(job)s::text IS NULL OR job = %(job)s)
  AND (%(status)s::text IS NULL OR status = %(status)s) AND (%(run)s::uuid IS NULL OR run_id = %(run)s)
ORDER BY coalesce(started_at, created_at) DESC, run_id LIMIT %(limit)s

-- dead_letters --
-- Runs that have failed for good, unless a later run of the same has done their work or is about to.
SELECT tenant_id, run_id::text AS run_id, job, key, trigger, triggered_by, status, attempt, created_at, due_at, started_at, ended_at, ms,
    progress, result, error, worker, (SELECT slug FROM tenants t WHERE t.tenant_id = r.tenant_id) AS tenant
FROM job_runs r
WHERE status = 'failed' AND (%(tenant)s::integer IS NULL OR tenant_id IN (0, %(tenant)s)) AND NOT EXISTS (
    SELECT FROM job_runs l WHERE l.tenant_id = r.tenant_id AND l.job = r.job AND l.key = r.key
      AND l.created_at > r.created_at AND l.status <> 'cancelled')
ORDER BY ended_at DESC LIMIT %(limit)s

-- health --
-- Whether somebody works, and whether they keep up.
SELECT
    (SELECT count(*) FROM job_workers WHERE seen_at > clock_timestamp() - interval '30 seconds') AS workers,
    (SELECT coalesce(sum(concurrency), 0) FROM job_workers WHERE seen_at > clock_timestamp() - interval '30 seconds') AS hands,
    (SELECT max(ticked_at) FROM job_workers) AS last_tick,
    (SELECT extract(epoch FROM clock_timestamp() - max(ticked_at)) FROM job_workers) AS tick_age,
    count(*) FILTER (WHERE status = 'scheduled' AND due_at <= clock_timestamp()) AS waiting,
    count(*) FILTER (WHERE status = 'running') AS running,
    extract(epoch FROM clock_timestamp() - least(
        min(due_at) FILTER (WHERE status = 'scheduled' AND due_at <= clock_timestamp()),
        (SELECT min(next_at) FROM schedules WHERE enabled AND next_at <= clock_timestamp()))) AS oldest_overdue
FROM job_runs WHERE status IN ('scheduled', 'running')

-- count_dead_letters --
-- How many dead letters there are.
SELECT count(*) FROM job_runs r
WHERE status = 'failed' AND NOT EXISTS (
    SELECT FROM job_runs l WHERE l.tenant_id = r.tenant_id AND l.job = r.job AND l.key = r.key
      AND l.created_at > r.created_at AND l.status <> 'cancelled')

-- clock --
-- The database's clock.
SELECT clock_timestamp()
