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

SELECT isolate_tenant(ARRAY['analytics_cache', 'analytics_history', 'analytics_metadata', 'analytics_progress']::regclass[]);
