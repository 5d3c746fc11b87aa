-- What the installation finds out about itself, and what of its tables only their owner may see to.

-- Something a person should look at. It stays until it is found to be well again.
CREATE TABLE alerts (
    tenant_id   integer NOT NULL REFERENCES tenants ON DELETE CASCADE,
    alert_id    integer GENERATED ALWAYS AS IDENTITY,
    kind        text COLLATE "C" NOT NULL,          -- integrity, …: one of a kind and subject is open at most
    subject     text NOT NULL DEFAULT '',
    message     text NOT NULL,
    details     jsonb NOT NULL DEFAULT '{}',
    raised_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    seen_at     timestamptz NOT NULL DEFAULT clock_timestamp(), -- when it was found last
    resolved_at timestamptz,
    PRIMARY KEY (tenant_id, alert_id)
);
CREATE UNIQUE INDEX alerts_open ON alerts (tenant_id, kind, subject) WHERE resolved_at IS NULL;

-- When each shop was last recounted, by the nightly check or on request, and what that found.
CREATE TABLE integrity_checks (
    tenant_id        integer PRIMARY KEY REFERENCES tenants ON DELETE CASCADE,
    checked_at       timestamptz NOT NULL,
    rows_compared    bigint NOT NULL,
    answers_compared bigint NOT NULL,
    differing        bigint NOT NULL,
    ms               double precision
);
SELECT isolate_tenant(ARRAY['alerts', 'integrity_checks']::regclass[]);
CREATE POLICY clock ON alerts FOR SELECT TO CURRENT_USER USING (true);
CREATE POLICY clock ON integrity_checks FOR SELECT TO CURRENT_USER USING (true);

-- How many alerts are open, of all tenants.
CREATE FUNCTION open_alerts() RETURNS bigint LANGUAGE sql STABLE SECURITY DEFINER SET search_path = tallymark, pg_temp
BEGIN ATOMIC SELECT count(*) FROM alerts WHERE resolved_at IS NULL; END;

-- Whom to recount next: those with figures that were not checked for longest.
CREATE FUNCTION least_checked(most integer) RETURNS SETOF integer
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = tallymark, pg_temp
BEGIN ATOMIC
    SELECT t.tenant_id FROM tenants t JOIN publications p USING (tenant_id) LEFT JOIN integrity_checks c USING (tenant_id)
    WHERE t.active AND p.published_at IS NOT NULL
    ORDER BY c.checked_at NULLS FIRST, t.tenant_id LIMIT most;
END;

-- Removes old entries of the tenant's audit log. Whoever calls: nothing of the last year ever goes.
CREATE FUNCTION forget_audit(before timestamptz) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = tallymark, pg_temp
BEGIN ATOMIC
    WITH gone AS (
        DELETE FROM audit_log WHERE tenant_id = current_tenant() AND at < least(before, now() - interval '1 year') RETURNING 1)
    SELECT count(*) FROM gone;
END;

-- The same of the attempts to sign in.
CREATE FUNCTION forget_sign_ins(before timestamptz) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = tallymark, pg_temp
BEGIN ATOMIC
    WITH gone AS (DELETE FROM sign_ins WHERE at < least(before, now() - interval '1 year') RETURNING 1)
    SELECT count(*) FROM gone;
END;

-- Autovacuum sees to every table but the parents of partitions, whose statistics plan what reads several months: those
-- that have changed by a fifth are analysed. Returns which.
CREATE FUNCTION analyze_parents() RETURNS text[]
LANGUAGE plpgsql SECURITY DEFINER SET search_path = tallymark, pg_temp AS $$
DECLARE
    parent record;
    done text[] := '{}';
BEGIN
    FOR parent IN
        SELECT c.oid::regclass AS name FROM pg_class c
        WHERE c.relnamespace = 'tallymark'::regnamespace AND c.relkind = 'p'
          AND (SELECT abs(coalesce(sum(greatest(p.reltuples, s.n_live_tup)), 0) - greatest(c.reltuples, 0)) > 1000 + 0.2 * greatest(c.reltuples, 0)
               FROM pg_inherits i JOIN pg_class p ON p.oid = i.inhrelid JOIN pg_stat_user_tables s ON s.relid = p.oid
               WHERE i.inhparent = c.oid)
    LOOP
        EXECUTE format('ANALYZE %s', parent.name);
        done := done || parent.name::text;
    END LOOP;
    RETURN done;
END $$;

REVOKE ALL ON FUNCTION open_alerts, least_checked, forget_audit, forget_sign_ins, analyze_parents FROM PUBLIC;
GRANT EXECUTE ON FUNCTION open_alerts, least_checked, forget_audit, forget_sign_ins, analyze_parents TO tallymark_app;
