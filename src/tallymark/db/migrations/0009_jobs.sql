-- Work that runs by itself: what is planned, every run, and who works. Runs wait here; only those whose turn has come
-- are handed to the queue.

-- The queue's functions find their tables whatever the caller's path, and our role may use them.
DO $$
DECLARE f regprocedure;
BEGIN
    FOR f IN SELECT oid FROM pg_proc WHERE pronamespace = 'tallymark_jobs'::regnamespace LOOP
        EXECUTE format('ALTER FUNCTION %s SET search_path = tallymark_jobs, pg_temp', f);
    END LOOP;
END $$;
GRANT USAGE ON SCHEMA tallymark_jobs TO tallymark_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA tallymark_jobs TO tallymark_app;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA tallymark_jobs TO tallymark_app;

-- Whether the running transaction is the engine's, which sees the jobs of every tenant and nothing else of theirs.
CREATE FUNCTION is_engine() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
    RETURN coalesce(current_setting('tallymark.engine', true), '') = 'on';

-- When a job runs by the clock. Tenant 0 stands for all tenants that have no schedule of their own for the job.
CREATE TABLE schedules (
    tenant_id   integer NOT NULL DEFAULT 0,
    job         text COLLATE "C" NOT NULL,
    cron        text NOT NULL,                      -- five fields, or six with seconds first
    timezone    text NOT NULL,
    missed      text NOT NULL CHECK (missed IN ('skip', 'once')), -- what becomes of times that nobody was there for
    enabled     boolean NOT NULL DEFAULT true,
    owner       text NOT NULL,                      -- who set it: an email, `key NAME`, `command line`, or `default`
    next_at     timestamptz,                        -- null: nobody has worked it out yet
    counted_at  timestamptz,                        -- when somebody did
    last_at     timestamptz,                        -- the last due time that was seen to
    changed_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, job)
);
CREATE INDEX schedules_due ON schedules (next_at) WHERE enabled;

-- Every run of a job. One waits and one is under way at most for each tenant, job and key.
CREATE TABLE job_runs (
    tenant_id      integer NOT NULL DEFAULT 0,      -- 0: all of them
    run_id         uuid NOT NULL DEFAULT gen_random_uuid(),
    job            text COLLATE "C" NOT NULL,
    key            text COLLATE "C" NOT NULL DEFAULT '', -- tells runs apart that do not stand for each other
    parameters     jsonb NOT NULL DEFAULT '{}',
    trigger        text NOT NULL CHECK (trigger IN ('click', 'clock', 'event', 'command')),
    triggered_by   text NOT NULL,
    priority       smallint NOT NULL,               -- 0 high, 1 normal, 2 low
    status         text COLLATE "C" NOT NULL DEFAULT 'scheduled'
                   CHECK (status IN ('scheduled', 'running', 'completed', 'failed', 'cancelled')),
    created_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    due_at         timestamptz NOT NULL,
    scheduled_for  timestamptz,                     -- the due time of the schedule that made it
    queue_job      bigint,                          -- where it is in the queue, once its turn has come
    handed_at      timestamptz,
    attempt        smallint NOT NULL DEFAULT 0,     -- how often it was started and ended by itself
    losses         smallint NOT NULL DEFAULT 0,     -- how often its worker was lost
    start          integer NOT NULL DEFAULT 0,      -- raised by each start: only the latest may write
    worker         text,
    started_at     timestamptz,
    ended_at       timestamptz,
    ms             double precision,
    progress       jsonb,
    result         jsonb,
    error          text,
    stop_requested boolean NOT NULL DEFAULT false,
    PRIMARY KEY (tenant_id, run_id)
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02);
CREATE UNIQUE INDEX job_runs_one_waits ON job_runs (tenant_id, job, key) WHERE status = 'scheduled';
CREATE UNIQUE INDEX job_runs_one_runs ON job_runs (tenant_id, job, key) WHERE status = 'running';
CREATE UNIQUE INDEX job_runs_once_each_time ON job_runs (tenant_id, job, scheduled_for) WHERE scheduled_for IS NOT NULL;
CREATE INDEX job_runs_waiting ON job_runs (tenant_id, priority, due_at) WHERE status = 'scheduled' AND queue_job IS NULL;
CREATE INDEX job_runs_handed ON job_runs (tenant_id, handed_at);
CREATE INDEX job_runs_recent ON job_runs (tenant_id, job, created_at DESC);
CREATE INDEX job_runs_live ON job_runs (queue_job) WHERE queue_job IS NOT NULL;

-- The processes that work, each seen within the last seconds.
CREATE TABLE job_workers (
    worker      text PRIMARY KEY,                   -- host, process and a random part
    concurrency smallint NOT NULL,
    automatic   boolean NOT NULL,                   -- whether it starts what is due by the clock
    started_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    seen_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    ticked_at   timestamptz
);
GRANT SELECT, INSERT, UPDATE, DELETE ON job_workers TO tallymark_app;

SELECT isolate_tenant(ARRAY['schedules', 'job_runs']::regclass[]);
CREATE POLICY engine ON schedules USING (is_engine());
CREATE POLICY engine ON job_runs USING (is_engine());
-- What is done for all tenants together, everybody may see.
CREATE POLICY for_all ON schedules FOR SELECT USING (tenant_id = 0);
CREATE POLICY for_all ON job_runs FOR SELECT USING (tenant_id = 0);
