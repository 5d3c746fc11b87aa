-- What people read: the stored answers, their history, and the record of every run.

-- The current answer to each question that a refresh keeps ready. A row is replaced whole, never edited.
CREATE TABLE analytics_cache (
    tenant_id         integer NOT NULL,
    metric_type       text COLLATE "C" NOT NULL,
    platform          text COLLATE "C" NOT NULL,
    parameters        text COLLATE "C" NOT NULL,     -- the question as asked, canonical JSON
    resolved          text COLLATE "C" NOT NULL,     -- the same with its days worked out: a moved window differs here
    definition        text COLLATE "C" NOT NULL,     -- what the metric's file said when it was computed
    calculated_data   json NOT NULL,
    warnings          json NOT NULL DEFAULT '[]',
    computation_time_ms double precision NOT NULL,
    data_period_start date,
    data_period_end   date,
    data_through      timestamptz,
    version           bigint NOT NULL,               -- the publication that computed it
    computed_at       timestamptz NOT NULL,
    outdated          boolean NOT NULL DEFAULT false, -- its inputs have changed since, and its turn is yet to come
    failed_at         timestamptz,                   -- set while a later evaluation has failed: this is the last good one
    failure           text,
    PRIMARY KEY (tenant_id, metric_type, platform, parameters)
);

-- One snapshot per metric and platform of each version whose figure differs from the one before.
CREATE TABLE analytics_history (
    tenant_id       integer NOT NULL,
    metric_type     text COLLATE "C" NOT NULL,
    platform        text COLLATE "C" NOT NULL,
    version         bigint NOT NULL,
    calculated_data json NOT NULL,
    snapshot_date   date NOT NULL,                   -- the tenant's local day
    created_at      timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, metric_type, platform, version)
);

-- Every refresh: processing -> completed or failed.
CREATE TABLE analytics_metadata (
    tenant_id                integer NOT NULL,
    run_id                   uuid NOT NULL DEFAULT gen_random_uuid(),
    platform                 text COLLATE "C" NOT NULL DEFAULT 'all',
    status                   text COLLATE "C" NOT NULL DEFAULT 'processing' CHECK (status IN ('processing', 'completed', 'failed')),
    triggered_by             text NOT NULL,
    started_at               timestamptz NOT NULL DEFAULT clock_timestamp(),
    snapshot_at              timestamptz,            -- all that was committed by then is in the figures
    last_refresh_at          timestamptz,            -- when it ended
    refresh_duration_ms      double precision,
    changes_applied          bigint NOT NULL DEFAULT 0,
    total_orders_processed   bigint NOT NULL DEFAULT 0,
    total_expenses_processed bigint NOT NULL DEFAULT 0,
    version                  bigint,
    phases                   json NOT NULL DEFAULT '{}',
    metrics                  json NOT NULL DEFAULT '{}',
    error_message            text,
    PRIMARY KEY (tenant_id, run_id)
);
CREATE INDEX analytics_metadata_recent ON analytics_metadata (tenant_id, started_at DESC);

-- How far a run is, written beside its transaction so that others can watch it.
CREATE TABLE analytics_progress (
    tenant_id integer NOT NULL,
    run_id    uuid NOT NULL,
    seq       smallint NOT NULL,
    step      text NOT NULL,
    done      bigint,
    total     bigint,
    at        timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (tenant_id, run_id, seq)
);

-- How long the evaluations of each metric took, by the day (UTC) of their refresh; kept for 30 days.
CREATE TABLE metric_timings (
    tenant_id   integer NOT NULL,
    metric_type text COLLATE "C" NOT NULL,
    day         date NOT NULL,
    evaluations bigint NOT NULL,
    total_ms    double precision NOT NULL,
    longest_ms  double precision NOT NULL,
    slow        bigint NOT NULL,                     -- of them, over the threshold
    PRIMARY KEY (tenant_id, metric_type, day)
);

-- The models of customer lifetime value as they were last fitted (lifetime/). Parameters are null where there are too few customers.
CREATE TABLE lifetime_fit (
    tenant_id          integer NOT NULL,
    platform           text COLLATE "C" NOT NULL,
    fitted_on          date NOT NULL,                -- the local day; only days before it count
    fitted_at          timestamptz NOT NULL,
    first_day          date NOT NULL,
    customers          bigint NOT NULL,
    repeat_customers   bigint NOT NULL,
    r                  double precision,             -- BG/NBD, in weeks
    alpha              double precision,
    a                  double precision,
    b                  double precision,
    p                  double precision,             -- Gamma-Gamma
    q                  double precision,
    v                  double precision,
    correlation        double precision,             -- of purchases and mean value, which the models take to be independent
    holdout_error      double precision,             -- purchases foretold / purchases that came - 1, over the last quarter of the history
    expected_purchases double precision,             -- of all customers, in the twelve months from fitted_on
    expected_sales     double precision,
    active_customers   double precision,
    PRIMARY KEY (tenant_id, platform)
);

-- Purchases to expect of one customer in the coming weeks by BG/NBD, given x purchases after the first. As lifetime/models.py says it.
CREATE FUNCTION expected_purchases(weeks double precision, x bigint, recency double precision, age double precision,
    r double precision, alpha double precision, a double precision, b double precision) RETURNS double precision
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    z double precision := weeks / (alpha + age + weeks);
    c double precision := a + b + x - 1;
    term double precision := 1;
    series double precision := 1;
    n integer := 0;
BEGIN
    WHILE abs(term) > 1e-14 * abs(series) AND n < 20000 LOOP
        term := term * (a + b - 1 - r + n) * (a - 1 + n) / ((c + n) * (n + 1)) * z;
        series := series + term;
        n := n + 1;
    END LOOP;
    RETURN c / (a - 1) * (1 - (1 - z) ^ (a - 1) * series)
        * CASE WHEN x > 0 THEN 1 / (1 + exp(least(700, ln(a / (b + x - 1)) + (r + x) * ln((alpha + age) / (alpha + recency))))) ELSE 1 END;
END $$;

-- How busy this database is, in sums that tell nothing of any tenant. As its owner, who may see the sessions.
CREATE FUNCTION database_activity(OUT size_bytes bigint, OUT connections bigint, OUT most_connections bigint,
    OUT dead_rows bigint, OUT oldest_transaction_seconds double precision, OUT longest_wait_seconds double precision)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT pg_database_size(current_database()), a.connections, current_setting('max_connections')::bigint,
        (SELECT coalesce(sum(n_dead_tup), 0)::bigint FROM pg_stat_user_tables), a.oldest, a.longest
    FROM (
        SELECT count(*) AS connections,
            coalesce(extract(epoch FROM max(clock_timestamp() - xact_start)), 0)::double precision AS oldest,
            coalesce(extract(epoch FROM max(clock_timestamp() - query_start) FILTER (WHERE wait_event_type = 'Lock')), 0)::double precision AS longest
        FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()) a
$$;

SELECT isolate_tenant(ARRAY['analytics_cache', 'analytics_history', 'analytics_metadata', 'analytics_progress', 'lifetime_fit', 'metric_timings']::regclass[]);

-- How the shops of one person stand, and what is stored there as the answer to one question: one look at all of them, so it
-- looks past their walls, and at nothing but the shops that this person belongs to. `lock_class` is that of refreshes: a run
-- without its lock has died (a replica shows no locks).
CREATE FUNCTION shops_of(person integer, metric text, question text, lock_class integer) RETURNS TABLE (
    tenant_id integer, version bigint, published_at timestamptz, checked_at timestamptz, data_through jsonb, last_run text, refreshing boolean,
    first_day date, last_day date, computed_at timestamptz, figures text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = tallymark, pg_temp
BEGIN ATOMIC
    WITH locked AS MATERIALIZED (
        SELECT objid::bigint AS tenant_id FROM pg_locks
        WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
          AND classid::bigint = lock_class AND objsubid = 2 AND granted)
    SELECT m.tenant_id, p.version, p.published_at, coalesce(p.checked_at, p.published_at), p.data_through, r.status,
        coalesce(r.status = 'processing' AND (pg_is_in_recovery() OR m.tenant_id IN (SELECT l.tenant_id FROM locked l)), false),
        c.data_period_start, c.data_period_end, c.computed_at, c.calculated_data::text
    FROM memberships m
    JOIN tenants t ON t.tenant_id = m.tenant_id AND t.active
    LEFT JOIN publications p ON p.tenant_id = m.tenant_id AND p.published_at IS NOT NULL
    LEFT JOIN analytics_cache c
        ON c.tenant_id = m.tenant_id AND c.metric_type = metric AND c.platform = 'all' AND c.parameters = question
    LEFT JOIN LATERAL (
        SELECT status FROM analytics_metadata r WHERE r.tenant_id = m.tenant_id ORDER BY r.started_at DESC LIMIT 1) r ON true
    WHERE m.user_id = person;
END;
CREATE POLICY glance ON analytics_cache FOR SELECT TO CURRENT_USER USING (true);
CREATE POLICY glance ON analytics_metadata FOR SELECT TO CURRENT_USER USING (true);
