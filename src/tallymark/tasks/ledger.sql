-- The ledger of runs. A run waits here until its turn has come; then it is handed to the queue, whose workers race for
-- it. Every instant is the database's.

-- engine --
-- The transaction sees the jobs of all tenants, and of nothing else anything.
SELECT set_config('tallymark.engine', 'on', true)

-- enqueue --
-- A run that waits already serves whoever comes later: as early and as urgent as the most pressing of them wants it.
INSERT INTO job_runs AS r (tenant_id, job, key, parameters, trigger, triggered_by, priority, due_at, scheduled_for)
VALUES (%(tenant)s, %(job)s, %(key)s, %(parameters)s, %(trigger)s, %(triggered_by)s, %(priority)s,
    coalesce(%(due_at)s, clock_timestamp() + %(delay)s * interval '1 second'), %(scheduled_for)s)
ON CONFLICT (tenant_id, job, key) WHERE status = 'scheduled' DO UPDATE SET due_at = least(r.due_at, EXCLUDED.due_at),
    priority = least(r.priority, EXCLUDED.priority), parameters = r.parameters || EXCLUDED.parameters
RETURNING run_id::text, xmax <> 0

-- wake --
-- Tells the workers, once this is committed, that there is something to do. They look every second in any case.
SELECT pg_notify('tallymark_jobs', '')

-- turn --
-- Whose turn it is, is decided by one worker at a time.
SELECT pg_advisory_xact_lock(%(class)s, 0)

-- hand_over --
-- Takes the runs whose turn has come, never more than there are hands for, to the queue. Tenants take turns: first who
-- has the fewest under way, then the more urgent, where each minute of waiting counts as one step for it and each run of
-- the tenant's in the last minute as one against, then who was served longest ago. No tenant has more under way than its
-- share, so that a hand is free for the next.
WITH RECURSIVE tenant (id) AS (
    SELECT min(tenant_id) FROM job_runs WHERE status = 'scheduled' AND queue_job IS NULL
    UNION ALL
    SELECT (SELECT min(tenant_id) FROM job_runs WHERE status = 'scheduled' AND queue_job IS NULL AND tenant_id > tenant.id)
    FROM tenant WHERE id IS NOT NULL
), hands (all_of_them) AS (
    SELECT greatest(sum(concurrency), %(free)s) FROM job_workers WHERE seen_at > clock_timestamp() - interval '30 seconds'
), chosen AS (
    SELECT next.tenant_id, next.run_id
    FROM tenant
    CROSS JOIN LATERAL (
        SELECT count(*) AS runs FROM job_runs b WHERE b.tenant_id = tenant.id AND b.queue_job IS NOT NULL) busy
    CROSS JOIN LATERAL (
        SELECT count(*) AS lately, max(handed_at) AS at
        FROM (SELECT handed_at FROM job_runs WHERE tenant_id = tenant.id AND handed_at > clock_timestamp() - interval '1 minute'
              ORDER BY handed_at DESC LIMIT 10) s) served
    CROSS JOIN LATERAL (
        SELECT w.tenant_id, w.run_id, w.priority, w.due_at, row_number() OVER (ORDER BY w.priority, w.due_at) + busy.runs AS rank
        FROM job_runs w
        WHERE w.tenant_id = tenant.id AND w.status = 'scheduled' AND w.queue_job IS NULL AND w.due_at <= clock_timestamp()
          AND NOT EXISTS (SELECT FROM job_runs r WHERE r.tenant_id = w.tenant_id AND r.job = w.job AND r.key = w.key AND r.status = 'running')
        ORDER BY w.priority, w.due_at LIMIT %(free)s) next
    CROSS JOIN hands
    WHERE next.rank <= greatest(1, hands.all_of_them - greatest(1, hands.all_of_them / 4))
    ORDER BY next.rank, next.priority + served.lately - floor(extract(epoch FROM clock_timestamp() - next.due_at) / 60),
        served.at NULLS FIRST, next.due_at
    LIMIT greatest(0, %(free)s - (SELECT count(*) FROM tallymark_jobs.procrastinate_jobs WHERE status = 'todo'))
)
UPDATE job_runs r SET handed_at = clock_timestamp(), queue_job = (tallymark_jobs.procrastinate_defer_jobs_v1(ARRAY[
    ROW('tallymark', 'run', 0, NULL, NULL, jsonb_build_object('tenant', r.tenant_id, 'run', r.run_id), NULL)
    ]::tallymark_jobs.procrastinate_job_to_defer_v1[]))[1]
FROM chosen c WHERE r.tenant_id = c.tenant_id AND r.run_id = c.run_id

-- start --
-- A worker takes up a run that is its own to take: nothing is given back where it is stopped, done or another's already.
UPDATE job_runs SET status = 'running', start = start + 1, attempt = attempt + 1, worker = %(worker)s,
    started_at = clock_timestamp(), ended_at = NULL, ms = NULL, error = NULL, result = NULL, progress = NULL
WHERE tenant_id = %(tenant)s AND run_id = %(run)s AND queue_job = %(queue_job)s
  AND (status = 'scheduled' OR status = 'running' AND worker = %(worker)s) -- told again where the answer was lost
RETURNING job, key, parameters, triggered_by, start, attempt

-- note_progress --
-- How far it is; losing one costs nothing.
UPDATE job_runs SET progress = %(progress)s
WHERE tenant_id = %(tenant)s AND run_id = %(run)s AND start = %(start)s AND status = 'running'

-- finish --
-- The end of a run: only the latest start may tell it.
UPDATE job_runs SET status = %(status)s, ended_at = clock_timestamp(), result = %(result)s, error = %(error)s, progress = NULL,
    queue_job = NULL, ms = extract(epoch FROM clock_timestamp() - started_at) * 1000
WHERE tenant_id = %(tenant)s AND run_id = %(run)s AND start = %(start)s AND status = 'running'

-- put_off --
-- It is to be started again, `delay` seconds from now; `counted` false takes back the attempt. Where another run of the
-- same waits by now, that one serves, and this one is over; what has lost its worker too often is over as well.
UPDATE job_runs r SET queue_job = NULL, progress = NULL, error = %(error)s, due_at = clock_timestamp() + %(delay)s * interval '1 second',
    attempt = attempt - CASE WHEN %(counted)s THEN 0 ELSE 1 END, losses = losses + %(losses)s,
    status = CASE WHEN waits THEN %(end)s WHEN lost THEN 'failed' ELSE 'scheduled' END,
    ended_at = CASE WHEN waits OR lost THEN clock_timestamp() END,
    ms = CASE WHEN waits OR lost THEN extract(epoch FROM clock_timestamp() - started_at) * 1000 END
FROM (SELECT o.run_id, o.losses + %(losses)s > %(most)s AS lost, EXISTS (SELECT FROM job_runs w WHERE w.tenant_id = o.tenant_id
          AND w.job = o.job AND w.key = o.key AND w.status = 'scheduled') AS waits
      FROM job_runs o WHERE o.tenant_id = %(tenant)s AND o.run_id = %(run)s) AS state
WHERE r.tenant_id = %(tenant)s AND r.run_id = %(run)s AND r.start = %(start)s AND r.status = 'running'
  AND state.run_id = r.run_id

-- lost --
-- Runs under way whose worker has said nothing for so long that it is given up.
SELECT r.tenant_id, r.run_id, r.job, r.start, r.worker, r.stop_requested
FROM job_runs r
LEFT JOIN tallymark_jobs.procrastinate_jobs q ON q.id = r.queue_job
LEFT JOIN tallymark_jobs.procrastinate_workers w ON w.id = q.worker_id
WHERE r.status = 'running' AND (w.id IS NULL OR w.last_heartbeat < clock_timestamp() - %(silent)s * interval '1 second')
FOR UPDATE OF r SKIP LOCKED

-- take_back --
-- Runs that were handed to the queue and taken by nobody who still works: their turn comes again.
UPDATE job_runs r SET queue_job = NULL
FROM job_runs h
LEFT JOIN tallymark_jobs.procrastinate_jobs q ON q.id = h.queue_job
LEFT JOIN tallymark_jobs.procrastinate_workers w ON w.id = q.worker_id
WHERE h.tenant_id = r.tenant_id AND h.run_id = r.run_id AND r.queue_job = h.queue_job AND r.status = 'scheduled'
  AND h.status = 'scheduled' AND h.queue_job IS NOT NULL AND h.handed_at < clock_timestamp() - interval '10 seconds'
  AND (q.id IS NULL OR q.status = 'doing')

-- drop_from_queue --
-- What is left in the queue of workers that are gone, and of runs that are not waiting for it any more.
DELETE FROM tallymark_jobs.procrastinate_jobs q
WHERE NOT EXISTS (SELECT FROM job_runs r WHERE r.queue_job = q.id)
  AND (q.status <> 'doing' OR NOT EXISTS (SELECT FROM tallymark_jobs.procrastinate_workers w WHERE w.id = q.worker_id
       AND w.last_heartbeat > clock_timestamp() - %(silent)s * interval '1 second'))

-- forget_workers --
-- Who has been silent for so long will not come back under that name.
DELETE FROM job_workers WHERE seen_at < clock_timestamp() - interval '10 minutes'

-- seen --
-- A worker is there.
INSERT INTO job_workers (worker, concurrency, automatic, ticked_at)
VALUES (%(worker)s, %(concurrency)s, %(automatic)s, CASE WHEN %(automatic)s THEN clock_timestamp() END)
ON CONFLICT (worker) DO UPDATE SET seen_at = clock_timestamp(), ticked_at = coalesce(EXCLUDED.ticked_at, job_workers.ticked_at)

-- gone --
-- A worker has ended as it should.
DELETE FROM job_workers WHERE worker = %(worker)s

-- to_stop --
-- Which of a worker's runs somebody wants stopped.
SELECT run_id::text FROM job_runs WHERE worker = %(worker)s AND status = 'running' AND stop_requested

-- cancel --
-- Stops what waits, and asks for a stop of what is under way.
UPDATE job_runs SET stop_requested = true,
    status = CASE status WHEN 'scheduled' THEN 'cancelled' ELSE status END,
    queue_job = CASE status WHEN 'scheduled' THEN NULL ELSE queue_job END,
    ended_at = CASE status WHEN 'scheduled' THEN clock_timestamp() ELSE ended_at END
WHERE tenant_id = %(tenant)s AND job = %(job)s AND status IN ('scheduled', 'running')
RETURNING run_id::text, status

-- retry --
-- A dead letter is tried again, with all its attempts before it. Nothing where another run of the same waits already.
UPDATE job_runs r SET status = 'scheduled', due_at = clock_timestamp(), attempt = 0, losses = 0, stop_requested = false, worker = NULL
WHERE tenant_id = %(tenant)s AND run_id = %(run)s AND status IN ('failed', 'cancelled')
  AND NOT EXISTS (SELECT FROM job_runs w WHERE w.tenant_id = r.tenant_id AND w.job = r.job AND w.key = r.key AND w.status = 'scheduled')
RETURNING run_id::text

-- forget --
-- Records of what went well are of use for a week, of what did not for a month.
DELETE FROM job_runs
WHERE status IN ('completed', 'cancelled') AND ended_at < clock_timestamp() - interval '7 days'
   OR status = 'failed' AND ended_at < clock_timestamp() - interval '30 days'

-- run --
-- How a run stands.
SELECT status FROM job_runs WHERE tenant_id = %(tenant)s AND run_id = %(run)s

-- next_waits --
-- Whether changes of a tenant wait for the run that is under way to end.
SELECT EXISTS (SELECT FROM job_runs
               WHERE tenant_id = %(tenant)s AND job = 'wake' AND key = '' AND status = 'scheduled' AND due_at <= clock_timestamp())

-- lock_run --
-- Held by whoever does a run, for as long as its connection lives.
SELECT pg_try_advisory_lock(hashtextextended(%(name)s, 31337))

-- tenant --
-- Whom a run is for.
SELECT tenant_id, slug, name, timezone, currency FROM tenants WHERE tenant_id = %(tenant)s AND active
