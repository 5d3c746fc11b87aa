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

-- Who waits for a refresh, one row for each reason: platform '' for changes in the log, else a source that said it has
-- changed. since: null when nothing waits; later than now when it is to be tried again. claimed_at: somebody is at it.
-- served_at: when the tenant was last seen to. took: what that needed until it was published, in milliseconds; a dear one
-- is done less often.
CREATE TABLE wake_ups (
    tenant_id  integer NOT NULL REFERENCES tenants ON DELETE CASCADE,
    platform   text COLLATE "C" NOT NULL,
    since      timestamptz,
    claimed_at timestamptz,
    failures   smallint NOT NULL DEFAULT 0,
    served_at  timestamptz,
    took       double precision NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant_id, platform)
) WITH (fillfactor = 70);
SELECT isolate_tenant(ARRAY['wake_ups']::regclass[]);

-- The clock has to know for whom there is work, in one look at all tenants. Only the functions below look so, and none
-- tells more than who it is and what is connected: the policies are the owner's, whose name no program of ours acts in.
CREATE POLICY clock ON change_log FOR SELECT TO CURRENT_USER USING (true);
CREATE POLICY clock ON publications TO CURRENT_USER USING (true);
CREATE POLICY clock ON connections TO CURRENT_USER USING (true);
CREATE POLICY clock ON wake_ups TO CURRENT_USER USING (true);

-- Every active tenant with what its figures wait for: changes in the log, or a new local day (windows that move, answers
-- that failed and are due again). What a restored cluster or an interrupted build left waits too.
CREATE FUNCTION clients() RETURNS TABLE (
    tenant_id integer, slug text, name text, timezone text, currency text, platforms text[], changed boolean, moved boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = tallymark, pg_temp
BEGIN ATOMIC
    SELECT t.tenant_id, t.slug, t.name, t.timezone, t.currency,
        ARRAY(SELECT jsonb_object_keys(p.data_through)),
        l.found IS NOT NULL OR p.target IS NOT NULL OR p.building IS NOT NULL OR coalesce(p.system_id <> cluster_id(), false),
        p.tenant_id IS NOT NULL
            AND (p.evaluated_at IS NULL OR (p.evaluated_at AT TIME ZONE t.timezone)::date < (now() AT TIME ZONE t.timezone)::date)
    FROM tenants t
    LEFT JOIN publications p USING (tenant_id)
    LEFT JOIN LATERAL (
        SELECT true AS found FROM change_log c
        WHERE c.tenant_id = t.tenant_id
          AND (p.seen IS NULL OR (c.xid >= pg_snapshot_xmin(p.seen) AND NOT pg_visible_in_snapshot(c.xid, p.seen)))
        LIMIT 1) l ON true
    WHERE t.active;
END;

-- Says of up to `most` tenants after that one that their figures are as good as new, where nothing has changed since;
-- returns the last tenant looked at. Whoever is being refreshed says so themselves.
CREATE FUNCTION note_unchanged(after integer, most integer) RETURNS integer
LANGUAGE sql SECURITY DEFINER SET search_path = tallymark, pg_temp
BEGIN ATOMIC
    WITH looked AS (SELECT tenant_id FROM tenants WHERE active AND tenant_id > after ORDER BY tenant_id LIMIT most),
    noted AS (
        UPDATE publications p SET checked_at = greatest(p.checked_at, now())
        FROM looked k
        WHERE k.tenant_id = p.tenant_id AND p.published_at IS NOT NULL AND p.target IS NULL AND p.building IS NULL
          AND p.system_id = cluster_id()
          AND NOT EXISTS (
            SELECT FROM change_log c
            WHERE c.tenant_id = p.tenant_id AND c.xid >= pg_snapshot_xmin(p.seen) AND NOT pg_visible_in_snapshot(c.xid, p.seen))
          AND pg_try_advisory_xact_lock(31249, p.tenant_id)) -- the lock that a refresh holds
    SELECT max(tenant_id) FROM looked;
END;

-- The sources of every active tenant.
CREATE FUNCTION sources_of_all() RETURNS SETOF connections
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = tallymark, pg_temp
BEGIN ATOMIC
    SELECT c.* FROM connections c JOIN tenants t USING (tenant_id) WHERE t.active ORDER BY c.tenant_id, c.platform, c.name;
END;

-- Says of sources that they were looked at and had nothing new.
CREATE FUNCTION note_nothing_new(sources integer[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = tallymark, pg_temp
BEGIN ATOMIC
    UPDATE connections SET last_sync_at = now(), last_good_at = now() WHERE connection_id = ANY(sources) AND mark IS NOT NULL;
END;

-- Notes whose log holds something that nobody has been told of, or that came after whoever is at it has published; where
-- somebody else has counted it meanwhile, nothing waits any more.
CREATE FUNCTION notice_changes() RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = tallymark, pg_temp
BEGIN ATOMIC
    WITH looked AS MATERIALIZED (SELECT c.tenant_id, c.changed FROM clients() c),
    counted AS (
        UPDATE wake_ups w SET since = NULL, failures = 0 FROM looked k
        WHERE w.tenant_id = k.tenant_id AND w.platform = '' AND w.since IS NOT NULL AND w.claimed_at IS NULL AND NOT k.changed)
    INSERT INTO wake_ups AS w (tenant_id, platform, since)
    SELECT k.tenant_id, '', clock_timestamp() FROM looked k WHERE k.changed
    ON CONFLICT (tenant_id, platform) DO UPDATE SET since = EXCLUDED.since, claimed_at = NULL
    WHERE w.since IS NULL OR w.claimed_at < (SELECT p.published_at FROM publications p WHERE p.tenant_id = w.tenant_id);
END;

-- Takes on those whose time has come: at once, unless they were seen to within `quiet` seconds, or four times as long as
-- that took where that is longer, but never more than `longest`. Taken on and not heard of for `lost` seconds: again. An
-- instant too far ahead to be one of ours was written before the clock was set back.
CREATE FUNCTION claim_wake_ups(quiet double precision, longest double precision, lost double precision, most integer)
RETURNS SETOF integer
LANGUAGE sql SECURITY DEFINER SET search_path = tallymark, pg_temp
BEGIN ATOMIC
    WITH waiting AS (
        SELECT w.tenant_id, w.platform, w.since,
            w.served_at <= clock_timestamp()
                AND w.served_at + make_interval(secs => least(longest, greatest(quiet, 4 * w.took / 1000))) > clock_timestamp() AS resting
        FROM wake_ups w JOIN tenants t USING (tenant_id)
        WHERE t.active AND NOT w.since BETWEEN clock_timestamp() AND clock_timestamp() + interval '20 minutes'
          AND (w.claimed_at IS NULL OR NOT w.claimed_at BETWEEN clock_timestamp() - make_interval(secs => lost) AND clock_timestamp())),
    due AS (
        SELECT w.tenant_id, w.platform FROM wake_ups w
        WHERE (w.tenant_id, w.platform) IN (
            SELECT d.tenant_id, d.platform FROM waiting d WHERE d.resting IS NOT TRUE ORDER BY d.since LIMIT most)
        FOR UPDATE SKIP LOCKED),
    claimed AS (
        UPDATE wake_ups w SET claimed_at = clock_timestamp() FROM due d
        WHERE w.tenant_id = d.tenant_id AND w.platform = d.platform
        RETURNING w.tenant_id)
    SELECT DISTINCT c.tenant_id FROM claimed c;
END;

REVOKE ALL ON FUNCTION clients, note_unchanged, sources_of_all, note_nothing_new, notice_changes, claim_wake_ups FROM PUBLIC;
GRANT EXECUTE ON FUNCTION clients, note_unchanged, sources_of_all, note_nothing_new, notice_changes, claim_wake_ups TO tallymark_app;
