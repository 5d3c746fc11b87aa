-- Where a shop's records are fetched from, how far that has come, and who waits for a refresh.

-- One source of one platform. Its secrets are sealed (connectors/vault.py): a copy of this database opens nothing.
-- mark: what the source looked like when everything in it was in; a source that still looks so has nothing new.
CREATE TABLE connections (
    tenant_id     integer NOT NULL REFERENCES tenants ON DELETE CASCADE,
    connection_id integer GENERATED ALWAYS AS IDENTITY,
    platform      text COLLATE "C" NOT NULL CHECK (is_platform(platform)),
    kind          text COLLATE "C" NOT NULL,
    name          text NOT NULL,
    settings      jsonb NOT NULL DEFAULT '{}',
    sealed        text,
    status        text COLLATE "C" NOT NULL DEFAULT 'connected' CHECK (status IN ('connected', 'failing')),
    created_by    text NOT NULL,
    created_at    timestamptz NOT NULL DEFAULT now(),
    last_sync_at  timestamptz,                        -- when a sync ended last, well or not
    last_good_at  timestamptz,                        -- when one ended without a problem
    last_error    text,
    mark          text,
    PRIMARY KEY (tenant_id, connection_id),
    UNIQUE (tenant_id, platform, name)
);

-- What of a source is in, by names that are the connector's own: a file, a stream. Written with the records themselves.
CREATE TABLE sync_state (
    tenant_id     integer NOT NULL,
    connection_id integer NOT NULL,
    key           text COLLATE "C" NOT NULL,
    value         jsonb NOT NULL,
    PRIMARY KEY (tenant_id, connection_id, key),
    FOREIGN KEY (tenant_id, connection_id) REFERENCES connections ON DELETE CASCADE
);

SELECT isolate_tenant(ARRAY['connections', 'sync_state']::regclass[]);
