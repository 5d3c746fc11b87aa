-- Made from the migrations by `make schema`; a test holds the two together.

CREATE SCHEMA tallymark;

CREATE FUNCTION tallymark.analyze_parents() RETURNS text[]
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'tallymark', 'pg_temp'
    AS $$
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

CREATE TABLE tallymark.tenants (
    tenant_id integer NOT NULL,
    slug text NOT NULL,
    name text NOT NULL,
    timezone text NOT NULL,
    currency text NOT NULL,
    active boolean DEFAULT true NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT tenants_currency_check CHECK ((currency ~ '^[A-Z]{3}$'::text)),
    CONSTRAINT tenants_slug_check CHECK ((slug ~ '^[a-z0-9][a-z0-9-]{0,62}$'::text))
);

CREATE TABLE tallymark.wake_ups (
    tenant_id integer NOT NULL,
    platform text NOT NULL COLLATE pg_catalog."C",
    since timestamp with time zone,
    claimed_at timestamp with time zone,
    failures smallint DEFAULT 0 NOT NULL,
    served_at timestamp with time zone,
    took double precision DEFAULT 0 NOT NULL
)
WITH (fillfactor='70');

ALTER TABLE ONLY tallymark.wake_ups FORCE ROW LEVEL SECURITY;

CREATE FUNCTION tallymark.claim_wake_ups(quiet double precision, longest double precision, lost double precision, most integer) RETURNS SETOF integer
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'tallymark', 'pg_temp'
    BEGIN ATOMIC
 WITH waiting AS (
          SELECT w.tenant_id,
             w.platform,
             w.since,
             ((w.served_at <= clock_timestamp()) AND ((w.served_at + make_interval(secs => LEAST(claim_wake_ups.longest, GREATEST(claim_wake_ups.quiet, (((4)::double precision * w.took) / (1000)::double precision))))) > clock_timestamp())) AS resting
            FROM (tallymark.wake_ups w
              JOIN tallymark.tenants t USING (tenant_id))
           WHERE (t.active AND (NOT ((w.since >= clock_timestamp()) AND (w.since <= (clock_timestamp() + '00:20:00'::interval)))) AND ((w.claimed_at IS NULL) OR (NOT ((w.claimed_at >= (clock_timestamp() - make_interval(secs => claim_wake_ups.lost))) AND (w.claimed_at <= clock_timestamp())))))
         ), due AS (
          SELECT w.tenant_id,
             w.platform
            FROM tallymark.wake_ups w
           WHERE ((w.tenant_id, w.platform) IN ( SELECT d.tenant_id,
                     d.platform
                    FROM waiting d
                   WHERE (d.resting IS NOT TRUE)
                   ORDER BY d.since
                  LIMIT claim_wake_ups.most))
          FOR UPDATE OF w SKIP LOCKED
         ), claimed AS (
          UPDATE tallymark.wake_ups w SET claimed_at = clock_timestamp()
            FROM due d
           WHERE ((w.tenant_id = d.tenant_id) AND (w.platform = d.platform))
           RETURNING w.tenant_id
         )
  SELECT DISTINCT c.tenant_id
    FROM claimed c;
END;

CREATE FUNCTION tallymark.cluster_id() RETURNS bigint
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    RETURN (SELECT pg_control_system.system_identifier FROM pg_control_system() pg_control_system(pg_control_version, catalog_version_no, system_identifier, pg_control_last_modified));

CREATE SEQUENCE tallymark.change_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 64;

CREATE TABLE tallymark.change_log (
    xid xid8 DEFAULT pg_current_xact_id() NOT NULL,
    seq bigint DEFAULT nextval('tallymark.change_seq'::regclass) NOT NULL,
    tenant_id integer NOT NULL,
    source text NOT NULL COLLATE pg_catalog."C",
    platform text COLLATE pg_catalog."C",
    ids text[],
    instants timestamp with time zone[]
);

ALTER TABLE ONLY tallymark.change_log FORCE ROW LEVEL SECURITY;

CREATE TABLE tallymark.publications (
    tenant_id integer NOT NULL,
    system_id bigint NOT NULL,
    seen pg_snapshot NOT NULL,
    target pg_snapshot,
    cursor_seq bigint,
    version bigint DEFAULT 0 NOT NULL,
    published_at timestamp with time zone,
    checked_at timestamp with time zone,
    evaluated_at timestamp with time zone,
    data_through jsonb DEFAULT '{}'::jsonb NOT NULL,
    definition_hash text NOT NULL,
    building jsonb
);

ALTER TABLE ONLY tallymark.publications FORCE ROW LEVEL SECURITY;

CREATE FUNCTION tallymark.clients() RETURNS TABLE(tenant_id integer, slug text, name text, timezone text, currency text, platforms text[], changed boolean, moved boolean)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'tallymark', 'pg_temp'
    BEGIN ATOMIC
 SELECT t.tenant_id,
     t.slug,
     t.name,
     t.timezone,
     t.currency,
     ARRAY( SELECT jsonb_object_keys(p.data_through) AS jsonb_object_keys) AS "array",
     ((l.found IS NOT NULL) OR (p.target IS NOT NULL) OR (p.building IS NOT NULL) OR COALESCE((p.system_id <> tallymark.cluster_id()), false)),
     ((p.tenant_id IS NOT NULL) AND ((p.evaluated_at IS NULL) OR (((p.evaluated_at AT TIME ZONE t.timezone))::date < ((now() AT TIME ZONE t.timezone))::date)))
    FROM ((tallymark.tenants t
      LEFT JOIN tallymark.publications p USING (tenant_id))
      LEFT JOIN LATERAL ( SELECT true AS found
            FROM tallymark.change_log c
           WHERE ((c.tenant_id = t.tenant_id) AND ((p.seen IS NULL) OR ((c.xid >= pg_snapshot_xmin(p.seen)) AND (NOT pg_visible_in_snapshot(c.xid, p.seen)))))
          LIMIT 1) l ON (true))
   WHERE t.active;
END;

CREATE FUNCTION tallymark.current_tenant() RETURNS integer
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN (NULLIF(current_setting('tallymark.tenant'::text, true), ''::text))::integer;

CREATE FUNCTION tallymark.database_activity(OUT size_bytes bigint, OUT connections bigint, OUT most_connections bigint, OUT dead_rows bigint, OUT oldest_transaction_seconds double precision, OUT longest_wait_seconds double precision) RETURNS record
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
    SELECT pg_database_size(current_database()), a.connections, current_setting('max_connections')::bigint,
        (SELECT coalesce(sum(n_dead_tup), 0)::bigint FROM pg_stat_user_tables), a.oldest, a.longest
    FROM (
        SELECT count(*) AS connections,
            coalesce(extract(epoch FROM max(clock_timestamp() - xact_start)), 0)::double precision AS oldest,
            coalesce(extract(epoch FROM max(clock_timestamp() - query_start) FILTER (WHERE wait_event_type = 'Lock')), 0)::double precision AS longest
        FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()) a
$$;

CREATE FUNCTION tallymark.ensure_months(first timestamp with time zone, last timestamp with time zone) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'tallymark', 'pg_temp'
    SET "TimeZone" TO 'UTC'
    AS $$
DECLARE
    month timestamptz;
    parent text;
    part text;
BEGIN
    IF last < first OR first < '1970-01-01' OR last >= '2200-01-01' THEN
        RAISE EXCEPTION 'orders must lie between 1970 and 2199, not from % to %', first, last USING ERRCODE = '22008';
    END IF;
    FOR month IN SELECT generate_series(date_trunc('month', first), last, interval '1 month') LOOP
        CONTINUE WHEN to_regclass('tallymark.order_fact_' || to_char(month, 'YYYYMM')) IS NOT NULL;
        PERFORM pg_advisory_xact_lock(hashtext('tallymark.ensure_months'));
        FOREACH parent IN ARRAY ARRAY['orders', 'order_items', 'order_fact'] LOOP
            part := parent || to_char(month, '_YYYYMM');
            CONTINUE WHEN to_regclass('tallymark.' || part) IS NOT NULL;
            EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', part, parent);
            IF parent = 'order_fact' THEN EXECUTE format('ALTER TABLE %I SET (fillfactor = 90)', part); END IF;
            -- Attached, not created as a partition: that would wait for all who read or write orders, and they for us.
            EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
                           parent, part, month, month + interval '1 month');
        END LOOP;
    END LOOP;
END $$;

CREATE FUNCTION tallymark.expected_purchases(weeks double precision, x bigint, recency double precision, age double precision, r double precision, alpha double precision, a double precision, b double precision) RETURNS double precision
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
    AS $$
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

CREATE TABLE tallymark.audit_log (
    tenant_id integer NOT NULL,
    entry_id bigint NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    actor text NOT NULL,
    action text NOT NULL,
    subject text NOT NULL,
    details json DEFAULT '{}'::json NOT NULL,
    address text DEFAULT ''::text NOT NULL
);

ALTER TABLE ONLY tallymark.audit_log FORCE ROW LEVEL SECURITY;

CREATE FUNCTION tallymark.forget_audit(before timestamp with time zone) RETURNS bigint
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'tallymark', 'pg_temp'
    BEGIN ATOMIC
 WITH gone AS (
          DELETE FROM tallymark.audit_log
           WHERE ((audit_log.tenant_id = tallymark.current_tenant()) AND (audit_log.at < LEAST(forget_audit.before, (now() - '1 year'::interval))))
           RETURNING 1 AS "?column?"
         )
  SELECT count(*) AS count
    FROM gone;
END;

CREATE TABLE tallymark.sign_ins (
    user_id integer NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    outcome text NOT NULL,
    address text NOT NULL,
    sign_in_id bigint NOT NULL,
    CONSTRAINT sign_ins_outcome_check CHECK ((outcome = ANY (ARRAY['ok'::text, 'wrong password'::text])))
);

CREATE FUNCTION tallymark.forget_sign_ins(before timestamp with time zone) RETURNS bigint
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'tallymark', 'pg_temp'
    BEGIN ATOMIC
 WITH gone AS (
          DELETE FROM tallymark.sign_ins
           WHERE (sign_ins.at < LEAST(forget_sign_ins.before, (now() - '1 year'::interval)))
           RETURNING 1 AS "?column?"
         )
  SELECT count(*) AS count
    FROM gone;
END;

CREATE FUNCTION tallymark.is_engine() RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN (COALESCE(current_setting('tallymark.engine'::text, true), ''::text) = 'on'::text);

CREATE FUNCTION tallymark.is_finite(amount numeric) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN ((amount < 'Infinity'::numeric) AND (amount > '-Infinity'::numeric));

CREATE FUNCTION tallymark.is_known_time(at timestamp with time zone) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN ((at >= '1970-01-01 00:00:00+00'::timestamp with time zone) AND (at < '2200-01-01 00:00:00+00'::timestamp with time zone));

CREATE FUNCTION tallymark.is_platform(name text) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN ((length(name) <= 63) AND (name ~ '^[a-z0-9][a-z0-9_-]*$'::text) AND (name <> 'all'::text));

CREATE FUNCTION tallymark.isolate_tenant(tables regclass[]) RETURNS void
    LANGUAGE plpgsql
    AS $$
DECLARE t regclass;
BEGIN
    FOREACH t IN ARRAY tables LOOP
        EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY one_tenant ON %s USING (tenant_id = current_tenant())', t);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO tallymark_app', t);
    END LOOP;
END $$;

CREATE TABLE tallymark.integrity_checks (
    tenant_id integer NOT NULL,
    checked_at timestamp with time zone NOT NULL,
    rows_compared bigint NOT NULL,
    answers_compared bigint NOT NULL,
    differing bigint NOT NULL,
    ms double precision
);

ALTER TABLE ONLY tallymark.integrity_checks FORCE ROW LEVEL SECURITY;

CREATE FUNCTION tallymark.least_checked(most integer) RETURNS SETOF integer
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'tallymark', 'pg_temp'
    BEGIN ATOMIC
 SELECT t.tenant_id
    FROM ((tallymark.tenants t
      JOIN tallymark.publications p USING (tenant_id))
      LEFT JOIN tallymark.integrity_checks c USING (tenant_id))
   WHERE (t.active AND (p.published_at IS NOT NULL))
   ORDER BY c.checked_at NULLS FIRST, t.tenant_id
  LIMIT least_checked.most;
END;

CREATE FUNCTION tallymark.log_activity_delete() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
            BEGIN
                INSERT INTO tallymark.change_log (source, tenant_id, platform, ids, instants) SELECT 'activity', tenant_id, platform, array_agg(id), array_agg(instant)
                FROM (SELECT *, (row_number() OVER ()) / 1000 AS chunk FROM (SELECT DISTINCT tenant_id, platform AS platform, NULL::text AS id, date_bin('15 minutes', occurred_at, '2000-01-01Z') AS instant FROM old_rows) distinct_keys) touched
                GROUP BY tenant_id, platform, chunk;
                RETURN NULL;
            END $$;

CREATE FUNCTION tallymark.log_activity_insert() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
            BEGIN
                INSERT INTO tallymark.change_log (source, tenant_id, platform, ids, instants) SELECT 'activity', tenant_id, platform, array_agg(id), array_agg(instant)
                FROM (SELECT *, (row_number() OVER ()) / 1000 AS chunk FROM (SELECT DISTINCT tenant_id, platform AS platform, NULL::text AS id, date_bin('15 minutes', occurred_at, '2000-01-01Z') AS instant FROM new_rows) distinct_keys) touched
                GROUP BY tenant_id, platform, chunk;
                RETURN NULL;
            END $$;

CREATE FUNCTION tallymark.log_activity_update() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
            BEGIN
                INSERT INTO tallymark.change_log (source, tenant_id, platform, ids, instants) SELECT 'activity', tenant_id, platform, array_agg(id), array_agg(instant)
                FROM (SELECT *, (row_number() OVER ()) / 1000 AS chunk FROM (SELECT DISTINCT tenant_id, platform AS platform, NULL::text AS id, date_bin('15 minutes', occurred_at, '2000-01-01Z') AS instant FROM new_rows UNION SELECT tenant_id, platform AS platform, NULL::text AS id, date_bin('15 minutes', occurred_at, '2000-01-01Z') AS instant FROM old_rows) distinct_keys) touched
                GROUP BY tenant_id, platform, chunk;
                RETURN NULL;
            END $$;

CREATE FUNCTION tallymark.log_categories_delete() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
            BEGIN
                INSERT INTO tallymark.change_log (source, tenant_id, platform, ids, instants) SELECT 'categories', tenant_id, NULL, NULL::text[], NULL::timestamptz[] FROM (SELECT DISTINCT tenant_id, platform AS platform, NULL::text AS id, NULL::timestamptz AS instant FROM old_rows) touched GROUP BY tenant_id;
                RETURN NULL;
            END $$;

CREATE FUNCTION tallymark.log_categories_insert() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
            BEGIN
                INSERT INTO tallymark.change_log (source, tenant_id, platform, ids, instants) SELECT 'categories', tenant_id, NULL, NULL::text[], NULL::timestamptz[] FROM (SELECT DISTINCT tenant_id, platform AS platform, NULL::text AS id, NULL::timestamptz AS instant FROM new_rows) touched GROUP BY tenant_id;
                RETURN NULL;
            END $$;

CREATE FUNCTION tallymark.log_categories_update() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
            BEGIN
                INSERT INTO tallymark.change_log (source, tenant_id, platform, ids, instants) SELECT 'categories', tenant_id, NULL, NULL::text[], NULL::timestamptz[] FROM (SELECT DISTINCT tenant_id, platform AS platform, NULL::text AS id, NULL::timestamptz AS instant FROM new_rows UNION SELECT tenant_id, platform AS platform, NULL::text AS id, NULL::timestamptz AS instant FROM old_rows) touched GROUP BY tenant_id;
                RETURN NULL;
            END $$;

CREATE FUNCTION tallymark.log_changes_of(base regclass, source text, id text, instant text, platform text DEFAULT 'platform'::text) RETURNS void
    LANGUAGE plpgsql
    AS $_$
DECLARE
    event record;
    touched text;
    keys text := CASE WHEN id IS NULL AND instant IS NULL
        THEN $k$SELECT %1$L, tenant_id, NULL, NULL::text[], NULL::timestamptz[] FROM (%2$s) touched GROUP BY tenant_id$k$
        ELSE $k$SELECT %1$L, tenant_id, platform, array_agg(id), array_agg(instant)
                FROM (SELECT *, (row_number() OVER ()) / 1000 AS chunk FROM (%2$s) distinct_keys) touched
                GROUP BY tenant_id, platform, chunk$k$ END;
    columns text := format('tenant_id, %s AS platform, %s AS id, %s AS instant', platform, coalesce(id, 'NULL::text'), coalesce(instant, 'NULL::timestamptz'));
BEGIN
    FOR event IN SELECT * FROM (VALUES ('insert', 'NEW TABLE AS new_rows', ARRAY['new_rows']),
                                       ('delete', 'OLD TABLE AS old_rows', ARRAY['old_rows']),
                                       ('update', 'NEW TABLE AS new_rows OLD TABLE AS old_rows', ARRAY['new_rows', 'old_rows'])
                                ) AS e (verb, transitions, sides) LOOP
        SELECT 'SELECT DISTINCT ' || columns || ' FROM ' || string_agg(side, ' UNION SELECT ' || columns || ' FROM ')
            INTO touched FROM unnest(event.sides) side;
        EXECUTE format($f$CREATE FUNCTION log_%1$s_%2$s() RETURNS trigger LANGUAGE plpgsql AS $body$
            BEGIN
                INSERT INTO tallymark.change_log (source, tenant_id, platform, ids, instants) %3$s;
                RETURN NULL;
            END $body$$f$, base, event.verb, format(keys, source, touched));
        EXECUTE format('CREATE TRIGGER log_%2$s AFTER %2$s ON %1$s REFERENCING %3$s FOR EACH STATEMENT EXECUTE FUNCTION log_%1$s_%2$s()',
                       base, event.verb, event.transitions);
    END LOOP;
    EXECUTE format('CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON %s FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate()', base);
END $_$;

CREATE FUNCTION tallymark.log_customers_delete() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
            BEGIN
                INSERT INTO tallymark.change_log (source, tenant_id, platform, ids, instants) SELECT 'customers', tenant_id, platform, array_agg(id), array_agg(instant)
                FROM (SELECT *, (row_number() OVER ()) / 1000 AS chunk FROM (SELECT DISTINCT tenant_id, platform AS platform, NULL::text AS id, date_bin('15 minutes', created_at, '2000-01-01Z') AS instant FROM old_rows) distinct_keys) touched
                GROUP BY tenant_id, platform, chunk;
                RETURN NULL;
            END $$;

CREATE FUNCTION tallymark.log_customers_insert() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
            BEGIN
                INSERT INTO tallymark.change_log (source, tenant_id, platform, ids, instants) SELECT 'customers', tenant_id, platform, array_agg(id), array_agg(instant)
                FROM (SELECT *, (row_number() OVER ()) / 1000 AS chunk FROM (SELECT DISTINCT tenant_id, platform AS platform, NULL::text AS id, date_bin('15 minutes', created_at, '2000-01-01Z') AS instant FROM new_rows) distinct_keys) touched
                GROUP BY tenant_id, platform, chunk;
                RETURN NULL;
            END $$;

CREATE FUNCTION tallymark.log_customers_update() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
            BEGIN
                INSERT INTO tallymark.change_log (source, tenant_id, platform, ids, instants) SELECT 'customers', tenant_id, platform, array_agg(id), array_agg(instant)
                FROM (SELECT *, (row_number() OVER ()) / 1000 AS chunk FROM (SELECT DISTINCT tenant_id, platform AS platform, NULL::text AS id, date_bin('15 minutes', created_at, '2000-01-01Z') AS instant FROM new_rows UNION SELECT tenant_id, platform AS platform, NULL::text AS id, date_bin('15 minutes', created_at, '2000-01-01Z') AS instant FROM old_rows) distinct_keys) touched
                GROUP BY tenant_id, platform, chunk;
                RETURN NULL;
            END $$;

CREATE FUNCTION tallymark.log_exchange_rates_delete() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
            BEGIN
                INSERT INTO tallymark.change_log (source, tenant_id, platform, ids, instants) SELECT 'exchange_rates', tenant_id, platform, array_agg(id), array_agg(instant)
                FROM (SELECT *, (row_number() OVER ()) / 1000 AS chunk FROM (SELECT DISTINCT tenant_id, NULL::text AS platform, currency AS id, day::timestamp AT TIME ZONE 'UTC' AS instant FROM old_rows) distinct_keys) touched
                GROUP BY tenant_id, platform, chunk;
                RETURN NULL;
            END $$;

CREATE FUNCTION tallymark.log_exchange_rates_insert() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
            BEGIN
                INSERT INTO tallymark.change_log (source, tenant_id, platform, ids, instants) SELECT 'exchange_rates', tenant_id, platform, array_agg(id), array_agg(instant)
                FROM (SELECT *, (row_number() OVER ()) / 1000 AS chunk FROM (SELECT DISTINCT tenant_id, NULL::text AS platform, currency AS id, day::timestamp AT TIME ZONE 'UTC' AS instant FROM new_rows) distinct_keys) touched
                GROUP BY tenant_id, platform, chunk;
                RETURN NULL;
            END $$;

CREATE FUNCTION tallymark.log_exchange_rates_update() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
            BEGIN
                INSERT INTO tallymark.change_log (source, tenant_id, platform, ids, instants) SELECT 'exchange_rates', tenant_id, platform, array_agg(id), array_agg(instant)
                FROM (SELECT *, (row_number() OVER ()) / 1000 AS chunk FROM (SELECT DISTINCT tenant_id, NULL::text AS platform, currency AS id, day::timestamp AT TIME ZONE 'UTC' AS instant FROM new_rows UNION SELECT tenant_id, NULL::text AS platform, currency AS id, day::timestamp AT TIME ZONE 'UTC' AS instant FROM old_rows) distinct_keys) touched
                GROUP BY tenant_id, platform, chunk;
                RETURN NULL;
            END $$;

CREATE FUNCTION tallymark.log_expenses_delete() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
            BEGIN
                INSERT INTO tallymark.change_log (source, tenant_id, platform, ids, instants) SELECT 'expenses', tenant_id, platform, array_agg(id), array_agg(instant)
                FROM (SELECT *, (row_number() OVER ()) / 1000 AS chunk FROM (SELECT DISTINCT tenant_id, platform AS platform, NULL::text AS id, incurred_at AS instant FROM old_rows) distinct_keys) touched
                GROUP BY tenant_id, platform, chunk;
                RETURN NULL;
            END $$;

CREATE FUNCTION tallymark.log_expenses_insert() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
            BEGIN
                INSERT INTO tallymark.change_log (source, tenant_id, platform, ids, instants) SELECT 'expenses', tenant_id, platform, array_agg(id), array_agg(instant)
                FROM (SELECT *, (row_number() OVER ()) / 1000 AS chunk FROM (SELECT DISTINCT tenant_id, platform AS platform, NULL::text AS id, incurred_at AS instant FROM new_rows) distinct_keys) touched
                GROUP BY tenant_id, platform, chunk;
                RETURN NULL;
            END $$;

CREATE FUNCTION tallymark.log_expenses_update() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
            BEGIN
                INSERT INTO tallymark.change_log (source, tenant_id, platform, ids, instants) SELECT 'expenses', tenant_id, platform, array_agg(id), array_agg(instant)
                FROM (SELECT *, (row_number() OVER ()) / 1000 AS chunk FROM (SELECT DISTINCT tenant_id, platform AS platform, NULL::text AS id, incurred_at AS instant FROM new_rows UNION SELECT tenant_id, platform AS platform, NULL::text AS id, incurred_at AS instant FROM old_rows) distinct_keys) touched
                GROUP BY tenant_id, platform, chunk;
                RETURN NULL;
            END $$;

CREATE FUNCTION tallymark.log_inventory_levels_delete() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
            BEGIN
                INSERT INTO tallymark.change_log (source, tenant_id, platform, ids, instants) SELECT 'inventory_levels', tenant_id, platform, array_agg(id), array_agg(instant)
                FROM (SELECT *, (row_number() OVER ()) / 1000 AS chunk FROM (SELECT DISTINCT tenant_id, platform AS platform, product_id AS id, NULL::timestamptz AS instant FROM old_rows) distinct_keys) touched
                GROUP BY tenant_id, platform, chunk;
                RETURN NULL;
            END $$;

CREATE FUNCTION tallymark.log_inventory_levels_insert() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
            BEGIN
                INSERT INTO tallymark.change_log (source, tenant_id, platform, ids, instants) SELECT 'inventory_levels', tenant_id, platform, array_agg(id), array_agg(instant)
                FROM (SELECT *, (row_number() OVER ()) / 1000 AS chunk FROM (SELECT DISTINCT tenant_id, platform AS platform, product_id AS id, NULL::timestamptz AS instant FROM new_rows) distinct_keys) touched
                GROUP BY tenant_id, platform, chunk;
                RETURN NULL;
            END $$;

CREATE FUNCTION tallymark.log_inventory_levels_update() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
            BEGIN
                INSERT INTO tallymark.change_log (source, tenant_id, platform, ids, instants) SELECT 'inventory_levels', tenant_id, platform, array_agg(id), array_agg(instant)
                FROM (SELECT *, (row_number() OVER ()) / 1000 AS chunk FROM (SELECT DISTINCT tenant_id, platform AS platform, product_id AS id, NULL::timestamptz AS instant FROM new_rows UNION SELECT tenant_id, platform AS platform, product_id AS id, NULL::timestamptz AS instant FROM old_rows) distinct_keys) touched
                GROUP BY tenant_id, platform, chunk;
                RETURN NULL;
            END $$;

CREATE FUNCTION tallymark.log_order_items_delete() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
            BEGIN
                INSERT INTO tallymark.change_log (source, tenant_id, platform, ids, instants) SELECT 'orders', tenant_id, platform, array_agg(id), array_agg(instant)
                FROM (SELECT *, (row_number() OVER ()) / 1000 AS chunk FROM (SELECT DISTINCT tenant_id, platform AS platform, order_id AS id, placed_at AS instant FROM old_rows) distinct_keys) touched
                GROUP BY tenant_id, platform, chunk;
                RETURN NULL;
            END $$;

CREATE FUNCTION tallymark.log_order_items_insert() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
            BEGIN
                INSERT INTO tallymark.change_log (source, tenant_id, platform, ids, instants) SELECT 'orders', tenant_id, platform, array_agg(id), array_agg(instant)
                FROM (SELECT *, (row_number() OVER ()) / 1000 AS chunk FROM (SELECT DISTINCT tenant_id, platform AS platform, order_id AS id, placed_at AS instant FROM new_rows) distinct_keys) touched
                GROUP BY tenant_id, platform, chunk;
                RETURN NULL;
            END $$;

CREATE FUNCTION tallymark.log_order_items_update() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
            BEGIN
                INSERT INTO tallymark.change_log (source, tenant_id, platform, ids, instants) SELECT 'orders', tenant_id, platform, array_agg(id), array_agg(instant)
                FROM (SELECT *, (row_number() OVER ()) / 1000 AS chunk FROM (SELECT DISTINCT tenant_id, platform AS platform, order_id AS id, placed_at AS instant FROM new_rows UNION SELECT tenant_id, platform AS platform, order_id AS id, placed_at AS instant FROM old_rows) distinct_keys) touched
                GROUP BY tenant_id, platform, chunk;
                RETURN NULL;
            END $$;

CREATE FUNCTION tallymark.log_orders_delete() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
            BEGIN
                INSERT INTO tallymark.change_log (source, tenant_id, platform, ids, instants) SELECT 'orders', tenant_id, platform, array_agg(id), array_agg(instant)
                FROM (SELECT *, (row_number() OVER ()) / 1000 AS chunk FROM (SELECT DISTINCT tenant_id, platform AS platform, order_id AS id, placed_at AS instant FROM old_rows) distinct_keys) touched
                GROUP BY tenant_id, platform, chunk;
                RETURN NULL;
            END $$;

CREATE FUNCTION tallymark.log_orders_insert() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
            BEGIN
                INSERT INTO tallymark.change_log (source, tenant_id, platform, ids, instants) SELECT 'orders', tenant_id, platform, array_agg(id), array_agg(instant)
                FROM (SELECT *, (row_number() OVER ()) / 1000 AS chunk FROM (SELECT DISTINCT tenant_id, platform AS platform, order_id AS id, placed_at AS instant FROM new_rows) distinct_keys) touched
                GROUP BY tenant_id, platform, chunk;
                RETURN NULL;
            END $$;

CREATE FUNCTION tallymark.log_orders_update() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
            BEGIN
                INSERT INTO tallymark.change_log (source, tenant_id, platform, ids, instants) SELECT 'orders', tenant_id, platform, array_agg(id), array_agg(instant)
                FROM (SELECT *, (row_number() OVER ()) / 1000 AS chunk FROM (SELECT DISTINCT tenant_id, platform AS platform, order_id AS id, placed_at AS instant FROM new_rows UNION SELECT tenant_id, platform AS platform, order_id AS id, placed_at AS instant FROM old_rows) distinct_keys) touched
                GROUP BY tenant_id, platform, chunk;
                RETURN NULL;
            END $$;

CREATE FUNCTION tallymark.log_products_delete() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
            BEGIN
                INSERT INTO tallymark.change_log (source, tenant_id, platform, ids, instants) SELECT 'products', tenant_id, platform, array_agg(id), array_agg(instant)
                FROM (SELECT *, (row_number() OVER ()) / 1000 AS chunk FROM (SELECT DISTINCT tenant_id, platform AS platform, product_id AS id, NULL::timestamptz AS instant FROM old_rows) distinct_keys) touched
                GROUP BY tenant_id, platform, chunk;
                RETURN NULL;
            END $$;

CREATE FUNCTION tallymark.log_products_insert() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
            BEGIN
                INSERT INTO tallymark.change_log (source, tenant_id, platform, ids, instants) SELECT 'products', tenant_id, platform, array_agg(id), array_agg(instant)
                FROM (SELECT *, (row_number() OVER ()) / 1000 AS chunk FROM (SELECT DISTINCT tenant_id, platform AS platform, product_id AS id, NULL::timestamptz AS instant FROM new_rows) distinct_keys) touched
                GROUP BY tenant_id, platform, chunk;
                RETURN NULL;
            END $$;

CREATE FUNCTION tallymark.log_products_update() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
            BEGIN
                INSERT INTO tallymark.change_log (source, tenant_id, platform, ids, instants) SELECT 'products', tenant_id, platform, array_agg(id), array_agg(instant)
                FROM (SELECT *, (row_number() OVER ()) / 1000 AS chunk FROM (SELECT DISTINCT tenant_id, platform AS platform, product_id AS id, NULL::timestamptz AS instant FROM new_rows UNION SELECT tenant_id, platform AS platform, product_id AS id, NULL::timestamptz AS instant FROM old_rows) distinct_keys) touched
                GROUP BY tenant_id, platform, chunk;
                RETURN NULL;
            END $$;

CREATE FUNCTION tallymark.log_refunds_delete() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
            BEGIN
                INSERT INTO tallymark.change_log (source, tenant_id, platform, ids, instants) SELECT 'refunds', tenant_id, platform, array_agg(id), array_agg(instant)
                FROM (SELECT *, (row_number() OVER ()) / 1000 AS chunk FROM (SELECT DISTINCT tenant_id, platform AS platform, refund_id AS id, NULL::timestamptz AS instant FROM old_rows) distinct_keys) touched
                GROUP BY tenant_id, platform, chunk;
                RETURN NULL;
            END $$;

CREATE FUNCTION tallymark.log_refunds_insert() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
            BEGIN
                INSERT INTO tallymark.change_log (source, tenant_id, platform, ids, instants) SELECT 'refunds', tenant_id, platform, array_agg(id), array_agg(instant)
                FROM (SELECT *, (row_number() OVER ()) / 1000 AS chunk FROM (SELECT DISTINCT tenant_id, platform AS platform, refund_id AS id, NULL::timestamptz AS instant FROM new_rows) distinct_keys) touched
                GROUP BY tenant_id, platform, chunk;
                RETURN NULL;
            END $$;

CREATE FUNCTION tallymark.log_refunds_update() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
            BEGIN
                INSERT INTO tallymark.change_log (source, tenant_id, platform, ids, instants) SELECT 'refunds', tenant_id, platform, array_agg(id), array_agg(instant)
                FROM (SELECT *, (row_number() OVER ()) / 1000 AS chunk FROM (SELECT DISTINCT tenant_id, platform AS platform, refund_id AS id, NULL::timestamptz AS instant FROM new_rows UNION SELECT tenant_id, platform AS platform, refund_id AS id, NULL::timestamptz AS instant FROM old_rows) distinct_keys) touched
                GROUP BY tenant_id, platform, chunk;
                RETURN NULL;
            END $$;

CREATE FUNCTION tallymark.log_sales_reps_delete() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
            BEGIN
                INSERT INTO tallymark.change_log (source, tenant_id, platform, ids, instants) SELECT 'sales_reps', tenant_id, NULL, NULL::text[], NULL::timestamptz[] FROM (SELECT DISTINCT tenant_id, platform AS platform, NULL::text AS id, NULL::timestamptz AS instant FROM old_rows) touched GROUP BY tenant_id;
                RETURN NULL;
            END $$;

CREATE FUNCTION tallymark.log_sales_reps_insert() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
            BEGIN
                INSERT INTO tallymark.change_log (source, tenant_id, platform, ids, instants) SELECT 'sales_reps', tenant_id, NULL, NULL::text[], NULL::timestamptz[] FROM (SELECT DISTINCT tenant_id, platform AS platform, NULL::text AS id, NULL::timestamptz AS instant FROM new_rows) touched GROUP BY tenant_id;
                RETURN NULL;
            END $$;

CREATE FUNCTION tallymark.log_sales_reps_update() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
            BEGIN
                INSERT INTO tallymark.change_log (source, tenant_id, platform, ids, instants) SELECT 'sales_reps', tenant_id, NULL, NULL::text[], NULL::timestamptz[] FROM (SELECT DISTINCT tenant_id, platform AS platform, NULL::text AS id, NULL::timestamptz AS instant FROM new_rows UNION SELECT tenant_id, platform AS platform, NULL::text AS id, NULL::timestamptz AS instant FROM old_rows) touched GROUP BY tenant_id;
                RETURN NULL;
            END $$;

CREATE FUNCTION tallymark.log_segments() RETURNS trigger
    LANGUAGE plpgsql
    AS $_$
DECLARE
    moved text := CASE TG_OP
        WHEN 'INSERT' THEN 'SELECT tenant_id, platform, customer_id, segment FROM new_rows'
        WHEN 'DELETE' THEN 'SELECT tenant_id, platform, customer_id, segment FROM old_rows'
        ELSE '(SELECT tenant_id, platform, customer_id, segment FROM new_rows EXCEPT SELECT tenant_id, platform, customer_id, segment FROM old_rows)
              UNION ALL
              (SELECT tenant_id, platform, customer_id, segment FROM old_rows EXCEPT SELECT tenant_id, platform, customer_id, segment FROM new_rows)' END;
BEGIN
    EXECUTE format($f$INSERT INTO tallymark.change_log (source, tenant_id, platform, ids)
        SELECT 'segments', tenant_id, platform, array_agg(customer_id)
        FROM (SELECT *, (row_number() OVER ()) / 1000 AS chunk
              FROM (SELECT DISTINCT tenant_id, platform, customer_id FROM (%s) m WHERE segment IS NOT NULL) k) touched
        GROUP BY tenant_id, platform, chunk$f$, moved);
    RETURN NULL;
END $_$;

CREATE TABLE tallymark.connections (
    tenant_id integer NOT NULL,
    connection_id integer NOT NULL,
    platform text NOT NULL COLLATE pg_catalog."C",
    kind text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL,
    settings jsonb DEFAULT '{}'::jsonb NOT NULL,
    sealed text,
    status text DEFAULT 'connected'::text NOT NULL COLLATE pg_catalog."C",
    created_by text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    last_sync_at timestamp with time zone,
    last_good_at timestamp with time zone,
    last_error text,
    mark text,
    CONSTRAINT connections_platform_check CHECK (tallymark.is_platform(platform)),
    CONSTRAINT connections_status_check CHECK ((status = ANY (ARRAY['connected'::text, 'failing'::text])))
);

ALTER TABLE ONLY tallymark.connections FORCE ROW LEVEL SECURITY;

CREATE FUNCTION tallymark.note_nothing_new(sources integer[]) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'tallymark', 'pg_temp'
    BEGIN ATOMIC
 UPDATE tallymark.connections SET last_sync_at = now(), last_good_at = now()
   WHERE ((connections.connection_id = ANY (note_nothing_new.sources)) AND (connections.mark IS NOT NULL));
END;

CREATE FUNCTION tallymark.note_unchanged(after integer, most integer) RETURNS integer
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'tallymark', 'pg_temp'
    BEGIN ATOMIC
 WITH looked AS (
          SELECT tenants.tenant_id
            FROM tallymark.tenants
           WHERE (tenants.active AND (tenants.tenant_id > note_unchanged.after))
           ORDER BY tenants.tenant_id
          LIMIT note_unchanged.most
         ), noted AS (
          UPDATE tallymark.publications p SET checked_at = GREATEST(p.checked_at, now())
            FROM looked k
           WHERE ((k.tenant_id = p.tenant_id) AND (p.published_at IS NOT NULL) AND (p.target IS NULL) AND (p.building IS NULL) AND (p.system_id = tallymark.cluster_id()) AND (NOT (EXISTS ( SELECT
                    FROM tallymark.change_log c
                   WHERE ((c.tenant_id = p.tenant_id) AND (c.xid >= pg_snapshot_xmin(p.seen)) AND (NOT pg_visible_in_snapshot(c.xid, p.seen)))))) AND pg_try_advisory_xact_lock(31249, p.tenant_id))
         )
  SELECT max(looked.tenant_id) AS max
    FROM looked;
END;

CREATE FUNCTION tallymark.notice_changes() RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'tallymark', 'pg_temp'
    BEGIN ATOMIC
 WITH looked AS MATERIALIZED (
          SELECT c.tenant_id,
             c.changed
            FROM tallymark.clients() c(tenant_id, slug, name, timezone, currency, platforms, changed, moved)
         ), counted AS (
          UPDATE tallymark.wake_ups w_1 SET since = NULL::timestamp with time zone, failures = 0
            FROM looked k
           WHERE ((w_1.tenant_id = k.tenant_id) AND (w_1.platform = ''::text) AND (w_1.since IS NOT NULL) AND (w_1.claimed_at IS NULL) AND (NOT k.changed))
         )
  INSERT INTO tallymark.wake_ups AS w (tenant_id, platform, since)  SELECT k.tenant_id,
             '',
             clock_timestamp() AS clock_timestamp
            FROM looked k
           WHERE k.changed ON CONFLICT(tenant_id, platform) DO UPDATE SET since = excluded.since, claimed_at = NULL::timestamp with time zone
   WHERE ((w.since IS NULL) OR (w.claimed_at < ( SELECT p.published_at
            FROM tallymark.publications p
           WHERE (p.tenant_id = w.tenant_id))));
END;

CREATE TABLE tallymark.alerts (
    tenant_id integer NOT NULL,
    alert_id integer NOT NULL,
    kind text NOT NULL COLLATE pg_catalog."C",
    subject text DEFAULT ''::text NOT NULL,
    message text NOT NULL,
    details jsonb DEFAULT '{}'::jsonb NOT NULL,
    raised_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    seen_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    resolved_at timestamp with time zone
);

ALTER TABLE ONLY tallymark.alerts FORCE ROW LEVEL SECURITY;

CREATE FUNCTION tallymark.open_alerts() RETURNS bigint
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'tallymark', 'pg_temp'
    BEGIN ATOMIC
 SELECT count(*) AS count
    FROM tallymark.alerts
   WHERE (alerts.resolved_at IS NULL);
END;

CREATE FUNCTION tallymark.refuse_truncate() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    RAISE EXCEPTION 'TRUNCATE of % would not be logged; delete the rows instead', TG_TABLE_NAME;
END $$;

CREATE TABLE tallymark.analytics_cache (
    tenant_id integer NOT NULL,
    metric_type text NOT NULL COLLATE pg_catalog."C",
    platform text NOT NULL COLLATE pg_catalog."C",
    parameters text NOT NULL COLLATE pg_catalog."C",
    resolved text NOT NULL COLLATE pg_catalog."C",
    definition text NOT NULL COLLATE pg_catalog."C",
    calculated_data json NOT NULL,
    warnings json DEFAULT '[]'::json NOT NULL,
    computation_time_ms double precision NOT NULL,
    data_period_start date,
    data_period_end date,
    data_through timestamp with time zone,
    version bigint NOT NULL,
    computed_at timestamp with time zone NOT NULL,
    outdated boolean DEFAULT false NOT NULL,
    failed_at timestamp with time zone,
    failure text
);

ALTER TABLE ONLY tallymark.analytics_cache FORCE ROW LEVEL SECURITY;

CREATE TABLE tallymark.analytics_metadata (
    tenant_id integer NOT NULL,
    run_id uuid DEFAULT gen_random_uuid() NOT NULL,
    platform text DEFAULT 'all'::text NOT NULL COLLATE pg_catalog."C",
    status text DEFAULT 'processing'::text NOT NULL COLLATE pg_catalog."C",
    triggered_by text NOT NULL,
    started_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    snapshot_at timestamp with time zone,
    last_refresh_at timestamp with time zone,
    refresh_duration_ms double precision,
    changes_applied bigint DEFAULT 0 NOT NULL,
    total_orders_processed bigint DEFAULT 0 NOT NULL,
    total_expenses_processed bigint DEFAULT 0 NOT NULL,
    version bigint,
    phases json DEFAULT '{}'::json NOT NULL,
    metrics json DEFAULT '{}'::json NOT NULL,
    error_message text,
    CONSTRAINT analytics_metadata_status_check CHECK ((status = ANY (ARRAY['processing'::text, 'completed'::text, 'failed'::text])))
);

ALTER TABLE ONLY tallymark.analytics_metadata FORCE ROW LEVEL SECURITY;

CREATE TABLE tallymark.memberships (
    tenant_id integer NOT NULL,
    user_id integer NOT NULL,
    role text NOT NULL,
    CONSTRAINT memberships_role_check CHECK ((role = ANY (ARRAY['admin'::text, 'analyst'::text, 'viewer'::text])))
);

CREATE FUNCTION tallymark.shops_of(person integer, metric text, question text, lock_class integer) RETURNS TABLE(tenant_id integer, version bigint, published_at timestamp with time zone, checked_at timestamp with time zone, data_through jsonb, last_run text, refreshing boolean, first_day date, last_day date, computed_at timestamp with time zone, figures text)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'tallymark', 'pg_temp'
    BEGIN ATOMIC
 WITH locked AS MATERIALIZED (
          SELECT (pg_locks.objid)::bigint AS tenant_id
            FROM pg_locks
           WHERE ((pg_locks.locktype = 'advisory'::text) AND (pg_locks.database = ( SELECT pg_database.oid
                    FROM pg_database
                   WHERE (pg_database.datname = current_database()))) AND ((pg_locks.classid)::bigint = shops_of.lock_class) AND (pg_locks.objsubid = 2) AND pg_locks.granted)
         )
  SELECT m.tenant_id,
     p.version,
     p.published_at,
     COALESCE(p.checked_at, p.published_at) AS "coalesce",
     p.data_through,
     r.status,
     COALESCE(((r.status = 'processing'::text) AND (pg_is_in_recovery() OR (m.tenant_id IN ( SELECT l.tenant_id
            FROM locked l)))), false) AS "coalesce",
     c.data_period_start,
     c.data_period_end,
     c.computed_at,
     (c.calculated_data)::text AS calculated_data
    FROM ((((tallymark.memberships m
      JOIN tallymark.tenants t ON (((t.tenant_id = m.tenant_id) AND t.active)))
      LEFT JOIN tallymark.publications p ON (((p.tenant_id = m.tenant_id) AND (p.published_at IS NOT NULL))))
      LEFT JOIN tallymark.analytics_cache c ON (((c.tenant_id = m.tenant_id) AND (c.metric_type = shops_of.metric) AND (c.platform = 'all'::text) AND (c.parameters = shops_of.question))))
      LEFT JOIN LATERAL ( SELECT r_1.status
            FROM tallymark.analytics_metadata r_1
           WHERE (r_1.tenant_id = m.tenant_id)
           ORDER BY r_1.started_at DESC
          LIMIT 1) r ON (true))
   WHERE (m.user_id = shops_of.person);
END;

CREATE FUNCTION tallymark.sources_of_all() RETURNS SETOF tallymark.connections
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'tallymark', 'pg_temp'
    BEGIN ATOMIC
 SELECT c.tenant_id,
     c.connection_id,
     c.platform,
     c.kind,
     c.name,
     c.settings,
     c.sealed,
     c.status,
     c.created_by,
     c.created_at,
     c.last_sync_at,
     c.last_good_at,
     c.last_error,
     c.mark
    FROM (tallymark.connections c
      JOIN tallymark.tenants t USING (tenant_id))
   WHERE t.active
   ORDER BY c.tenant_id, c.platform, c.name;
END;

CREATE TABLE tallymark.asked_questions (
    tenant_id integer NOT NULL,
    metric text NOT NULL COLLATE pg_catalog."C",
    platform text NOT NULL COLLATE pg_catalog."C",
    parameters text NOT NULL COLLATE pg_catalog."C",
    asked double precision NOT NULL,
    last_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
)
WITH (fillfactor='80');

ALTER TABLE ONLY tallymark.asked_questions FORCE ROW LEVEL SECURITY;

CREATE FUNCTION tallymark.tenants_asking(most integer) RETURNS SETOF integer
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'tallymark', 'pg_temp'
    BEGIN ATOMIC
 SELECT a.tenant_id
    FROM (tallymark.asked_questions a
      JOIN tallymark.tenants t USING (tenant_id))
   WHERE (t.active AND (a.last_at > (now() - '7 days'::interval)))
   GROUP BY a.tenant_id
   ORDER BY (max(a.last_at)) DESC
  LIMIT tenants_asking.most;
END;

CREATE TABLE tallymark.activity (
    tenant_id integer NOT NULL,
    platform text NOT NULL COLLATE pg_catalog."C",
    activity_id text NOT NULL COLLATE pg_catalog."C",
    occurred_at timestamp with time zone NOT NULL,
    kind text NOT NULL COLLATE pg_catalog."C",
    visitor_id text COLLATE pg_catalog."C",
    user_id text COLLATE pg_catalog."C",
    product_id text COLLATE pg_catalog."C",
    CONSTRAINT activity_kind_check CHECK ((kind = ANY (ARRAY['visit'::text, 'signup'::text, 'view'::text, 'cart'::text, 'checkout'::text]))),
    CONSTRAINT known_time CHECK (tallymark.is_known_time(occurred_at))
);

ALTER TABLE ONLY tallymark.activity FORCE ROW LEVEL SECURITY;

CREATE TABLE tallymark.activity_day (
    tenant_id integer NOT NULL,
    day date NOT NULL,
    platform text NOT NULL COLLATE pg_catalog."C",
    kind text NOT NULL COLLATE pg_catalog."C",
    events bigint NOT NULL,
    visitors bigint NOT NULL,
    users bigint NOT NULL
);

ALTER TABLE ONLY tallymark.activity_day FORCE ROW LEVEL SECURITY;

CREATE TABLE tallymark.activity_hour (
    tenant_id integer NOT NULL,
    day date NOT NULL,
    hour smallint NOT NULL,
    platform text NOT NULL COLLATE pg_catalog."C",
    events bigint NOT NULL,
    visits bigint NOT NULL,
    visitors bigint NOT NULL
);

ALTER TABLE ONLY tallymark.activity_hour FORCE ROW LEVEL SECURITY;

ALTER TABLE tallymark.alerts ALTER COLUMN alert_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME tallymark.alerts_alert_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE tallymark.analytics_history (
    tenant_id integer NOT NULL,
    metric_type text NOT NULL COLLATE pg_catalog."C",
    platform text NOT NULL COLLATE pg_catalog."C",
    version bigint NOT NULL,
    calculated_data json NOT NULL,
    snapshot_date date NOT NULL,
    created_at timestamp with time zone NOT NULL
);

ALTER TABLE ONLY tallymark.analytics_history FORCE ROW LEVEL SECURITY;

CREATE TABLE tallymark.analytics_progress (
    tenant_id integer NOT NULL,
    run_id uuid NOT NULL,
    seq smallint NOT NULL,
    step text NOT NULL,
    done bigint,
    total bigint,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);

ALTER TABLE ONLY tallymark.analytics_progress FORCE ROW LEVEL SECURITY;

CREATE TABLE tallymark.api_keys (
    tenant_id integer NOT NULL,
    key_id integer NOT NULL,
    name text NOT NULL,
    secret_hash bytea NOT NULL,
    ending text NOT NULL,
    role text NOT NULL,
    scopes text[] NOT NULL,
    created_by text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone,
    used_at timestamp with time zone,
    revoked_at timestamp with time zone,
    CONSTRAINT api_keys_role_check CHECK ((role = ANY (ARRAY['admin'::text, 'analyst'::text, 'viewer'::text])))
);

ALTER TABLE ONLY tallymark.api_keys FORCE ROW LEVEL SECURITY;

ALTER TABLE tallymark.api_keys ALTER COLUMN key_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME tallymark.api_keys_key_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE tallymark.archives (
    tenant_id integer NOT NULL,
    month timestamp with time zone NOT NULL,
    file text NOT NULL,
    lines bigint NOT NULL,
    sha256 text NOT NULL,
    archived_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);

ALTER TABLE ONLY tallymark.archives FORCE ROW LEVEL SECURITY;

CREATE TABLE tallymark.assortment_month (
    tenant_id integer NOT NULL,
    month date NOT NULL,
    platform text NOT NULL COLLATE pg_catalog."C",
    products bigint NOT NULL
)
WITH (fillfactor='80');

ALTER TABLE ONLY tallymark.assortment_month FORCE ROW LEVEL SECURITY;

ALTER TABLE tallymark.audit_log ALTER COLUMN entry_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME tallymark.audit_log_entry_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE tallymark.buyers_day (
    tenant_id integer NOT NULL,
    day date NOT NULL,
    platform text NOT NULL COLLATE pg_catalog."C",
    customers bigint NOT NULL,
    new_customers bigint NOT NULL,
    once bigint NOT NULL,
    gap_days bigint NOT NULL,
    orders bigint NOT NULL,
    gross numeric NOT NULL,
    discounts numeric NOT NULL
)
WITH (fillfactor='80');

ALTER TABLE ONLY tallymark.buyers_day FORCE ROW LEVEL SECURITY;

CREATE TABLE tallymark.categories (
    tenant_id integer NOT NULL,
    platform text NOT NULL COLLATE pg_catalog."C",
    category_id text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL,
    parent_id text COLLATE pg_catalog."C"
);

ALTER TABLE ONLY tallymark.categories FORCE ROW LEVEL SECURITY;

CREATE TABLE tallymark.category_day (
    tenant_id integer NOT NULL,
    day date NOT NULL,
    platform text NOT NULL COLLATE pg_catalog."C",
    category_id text NOT NULL COLLATE pg_catalog."C",
    units bigint NOT NULL,
    gross numeric NOT NULL,
    discounts numeric NOT NULL,
    cost numeric NOT NULL,
    costed_net numeric NOT NULL,
    returns numeric NOT NULL,
    order_returns numeric NOT NULL
)
WITH (fillfactor='80');

ALTER TABLE ONLY tallymark.category_day FORCE ROW LEVEL SECURITY;

CREATE TABLE tallymark.category_month (
    tenant_id integer CONSTRAINT category_day_tenant_id_not_null NOT NULL,
    month date CONSTRAINT category_day_day_not_null NOT NULL,
    platform text CONSTRAINT category_day_platform_not_null NOT NULL COLLATE pg_catalog."C",
    category_id text CONSTRAINT category_day_category_id_not_null NOT NULL COLLATE pg_catalog."C",
    units bigint CONSTRAINT category_day_units_not_null NOT NULL,
    gross numeric CONSTRAINT category_day_gross_not_null NOT NULL,
    discounts numeric CONSTRAINT category_day_discounts_not_null NOT NULL,
    cost numeric CONSTRAINT category_day_cost_not_null NOT NULL,
    costed_net numeric CONSTRAINT category_day_costed_net_not_null NOT NULL,
    returns numeric CONSTRAINT category_day_returns_not_null NOT NULL,
    order_returns numeric CONSTRAINT category_day_order_returns_not_null NOT NULL
)
WITH (fillfactor='80');

ALTER TABLE ONLY tallymark.category_month FORCE ROW LEVEL SECURITY;

CREATE TABLE tallymark.cohort_month (
    tenant_id integer NOT NULL,
    platform text NOT NULL COLLATE pg_catalog."C",
    cohort date NOT NULL,
    month date NOT NULL,
    customers bigint NOT NULL
)
WITH (fillfactor='80');

ALTER TABLE ONLY tallymark.cohort_month FORCE ROW LEVEL SECURITY;

ALTER TABLE tallymark.connections ALTER COLUMN connection_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME tallymark.connections_connection_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE tallymark.customer_day (
    tenant_id integer NOT NULL,
    platform text NOT NULL COLLATE pg_catalog."C",
    customer_id text NOT NULL COLLATE pg_catalog."C",
    day date NOT NULL,
    orders bigint NOT NULL,
    gross numeric NOT NULL,
    discounts numeric NOT NULL,
    total numeric NOT NULL,
    prev_day date DEFAULT '-infinity'::date NOT NULL
)
WITH (fillfactor='90');

ALTER TABLE ONLY tallymark.customer_day FORCE ROW LEVEL SECURITY;

CREATE TABLE tallymark.customer_fact (
    tenant_id integer NOT NULL,
    platform text NOT NULL COLLATE pg_catalog."C",
    customer_id text NOT NULL COLLATE pg_catalog."C",
    first_day date NOT NULL,
    last_day date NOT NULL,
    days bigint NOT NULL,
    orders bigint NOT NULL,
    gross numeric NOT NULL,
    discounts numeric NOT NULL,
    total numeric NOT NULL
)
WITH (fillfactor='80');

ALTER TABLE ONLY tallymark.customer_fact FORCE ROW LEVEL SECURITY;

CREATE TABLE tallymark.customer_refund (
    tenant_id integer NOT NULL,
    platform text NOT NULL COLLATE pg_catalog."C",
    customer_id text NOT NULL COLLATE pg_catalog."C",
    refunds bigint NOT NULL,
    returns numeric NOT NULL
);

ALTER TABLE ONLY tallymark.customer_refund FORCE ROW LEVEL SECURITY;

CREATE TABLE tallymark.customers (
    tenant_id integer NOT NULL,
    platform text NOT NULL COLLATE pg_catalog."C",
    customer_id text NOT NULL COLLATE pg_catalog."C",
    name text,
    email text,
    segment text COLLATE pg_catalog."C",
    created_at timestamp with time zone,
    CONSTRAINT known_time CHECK (tallymark.is_known_time(created_at))
);

ALTER TABLE ONLY tallymark.customers FORCE ROW LEVEL SECURITY;

CREATE TABLE tallymark.exchange_rates (
    tenant_id integer NOT NULL,
    currency text NOT NULL COLLATE pg_catalog."C",
    day date NOT NULL,
    rate numeric NOT NULL,
    CONSTRAINT currency_code CHECK ((currency ~ '^[A-Z]{3}$'::text)),
    CONSTRAINT known_day CHECK (((day >= '1970-01-01'::date) AND (day < '2200-01-01'::date))),
    CONSTRAINT positive CHECK (((rate > (0)::numeric) AND tallymark.is_finite(rate)))
);

ALTER TABLE ONLY tallymark.exchange_rates FORCE ROW LEVEL SECURITY;

CREATE TABLE tallymark.expense_day (
    tenant_id integer NOT NULL,
    day date NOT NULL,
    platform text NOT NULL COLLATE pg_catalog."C",
    category text NOT NULL COLLATE pg_catalog."C",
    amount numeric NOT NULL,
    expenses bigint NOT NULL
);

ALTER TABLE ONLY tallymark.expense_day FORCE ROW LEVEL SECURITY;

CREATE TABLE tallymark.expenses (
    tenant_id integer NOT NULL,
    platform text NOT NULL COLLATE pg_catalog."C",
    expense_id text NOT NULL COLLATE pg_catalog."C",
    incurred_at timestamp with time zone NOT NULL,
    category text NOT NULL,
    amount numeric NOT NULL,
    description text,
    CONSTRAINT finite CHECK (tallymark.is_finite(amount)),
    CONSTRAINT known_time CHECK (tallymark.is_known_time(incurred_at)),
    CONSTRAINT platform_name CHECK (tallymark.is_platform(platform))
);

ALTER TABLE ONLY tallymark.expenses FORCE ROW LEVEL SECURITY;

CREATE TABLE tallymark.inventory_day (
    tenant_id integer NOT NULL,
    day date NOT NULL,
    platform text NOT NULL COLLATE pg_catalog."C",
    products bigint NOT NULL,
    on_hand bigint NOT NULL,
    reserved bigint NOT NULL,
    incoming bigint NOT NULL,
    value numeric NOT NULL,
    uncosted bigint NOT NULL
)
WITH (fillfactor='80');

ALTER TABLE ONLY tallymark.inventory_day FORCE ROW LEVEL SECURITY;

CREATE TABLE tallymark.inventory_levels (
    tenant_id integer NOT NULL,
    platform text NOT NULL COLLATE pg_catalog."C",
    product_id text NOT NULL COLLATE pg_catalog."C",
    location text NOT NULL COLLATE pg_catalog."C",
    on_hand bigint NOT NULL,
    reserved bigint DEFAULT 0 NOT NULL,
    incoming bigint DEFAULT 0 NOT NULL,
    counted_at timestamp with time zone NOT NULL
);

ALTER TABLE ONLY tallymark.inventory_levels FORCE ROW LEVEL SECURITY;

CREATE TABLE tallymark.item_day (
    tenant_id integer NOT NULL,
    day date NOT NULL,
    platform text NOT NULL COLLATE pg_catalog."C",
    product_id text NOT NULL COLLATE pg_catalog."C",
    views bigint NOT NULL,
    carts bigint NOT NULL,
    checkouts bigint NOT NULL
);

ALTER TABLE ONLY tallymark.item_day FORCE ROW LEVEL SECURITY;

CREATE TABLE tallymark.job_runs (
    tenant_id integer DEFAULT 0 NOT NULL,
    run_id uuid DEFAULT gen_random_uuid() NOT NULL,
    job text NOT NULL COLLATE pg_catalog."C",
    key text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C",
    parameters jsonb DEFAULT '{}'::jsonb NOT NULL,
    trigger text NOT NULL,
    triggered_by text NOT NULL,
    priority smallint NOT NULL,
    status text DEFAULT 'scheduled'::text NOT NULL COLLATE pg_catalog."C",
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    due_at timestamp with time zone NOT NULL,
    scheduled_for timestamp with time zone,
    queue_job bigint,
    handed_at timestamp with time zone,
    attempt smallint DEFAULT 0 NOT NULL,
    losses smallint DEFAULT 0 NOT NULL,
    start integer DEFAULT 0 NOT NULL,
    worker text,
    started_at timestamp with time zone,
    ended_at timestamp with time zone,
    ms double precision,
    progress jsonb,
    result jsonb,
    error text,
    stop_requested boolean DEFAULT false NOT NULL,
    CONSTRAINT job_runs_status_check CHECK ((status = ANY (ARRAY['scheduled'::text, 'running'::text, 'completed'::text, 'failed'::text, 'cancelled'::text]))),
    CONSTRAINT job_runs_trigger_check CHECK ((trigger = ANY (ARRAY['click'::text, 'clock'::text, 'event'::text, 'command'::text])))
)
WITH (fillfactor='80', autovacuum_vacuum_scale_factor='0.02');

ALTER TABLE ONLY tallymark.job_runs FORCE ROW LEVEL SECURITY;

CREATE TABLE tallymark.job_workers (
    worker text NOT NULL,
    concurrency smallint NOT NULL,
    automatic boolean NOT NULL,
    started_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    seen_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    ticked_at timestamp with time zone
);

CREATE TABLE tallymark.lifetime_fit (
    tenant_id integer NOT NULL,
    platform text NOT NULL COLLATE pg_catalog."C",
    fitted_on date NOT NULL,
    fitted_at timestamp with time zone NOT NULL,
    first_day date NOT NULL,
    customers bigint NOT NULL,
    repeat_customers bigint NOT NULL,
    r double precision,
    alpha double precision,
    a double precision,
    b double precision,
    p double precision,
    q double precision,
    v double precision,
    correlation double precision,
    holdout_error double precision,
    expected_purchases double precision,
    expected_sales double precision,
    active_customers double precision
);

ALTER TABLE ONLY tallymark.lifetime_fit FORCE ROW LEVEL SECURITY;

CREATE TABLE tallymark.metric_timings (
    tenant_id integer NOT NULL,
    metric_type text NOT NULL COLLATE pg_catalog."C",
    day date NOT NULL,
    evaluations bigint NOT NULL,
    total_ms double precision NOT NULL,
    longest_ms double precision NOT NULL,
    slow bigint NOT NULL
);

ALTER TABLE ONLY tallymark.metric_timings FORCE ROW LEVEL SECURITY;

CREATE TABLE tallymark.order_fact (
    tenant_id integer NOT NULL,
    placed_at timestamp with time zone NOT NULL,
    platform text NOT NULL COLLATE pg_catalog."C",
    order_id text NOT NULL COLLATE pg_catalog."C",
    day date NOT NULL,
    hour smallint NOT NULL,
    customer_id text COLLATE pg_catalog."C",
    segment text NOT NULL COLLATE pg_catalog."C",
    sales_rep_id text COLLATE pg_catalog."C",
    orders integer NOT NULL,
    foreign_orders integer NOT NULL,
    costed_lines integer NOT NULL,
    uncosted_lines integer NOT NULL,
    units bigint NOT NULL,
    gross numeric NOT NULL,
    discounts numeric NOT NULL,
    shipping numeric NOT NULL,
    tax numeric NOT NULL,
    total numeric NOT NULL,
    cost numeric NOT NULL,
    costed_net numeric NOT NULL,
    line_product text[] NOT NULL,
    line_quantity bigint[] NOT NULL,
    line_gross numeric[] NOT NULL,
    line_discount numeric[] NOT NULL,
    line_cost numeric[] NOT NULL
)
PARTITION BY RANGE (placed_at);

ALTER TABLE ONLY tallymark.order_fact FORCE ROW LEVEL SECURITY;

CREATE TABLE tallymark.order_items (
    tenant_id integer NOT NULL,
    placed_at timestamp with time zone NOT NULL,
    platform text NOT NULL COLLATE pg_catalog."C",
    order_id text NOT NULL COLLATE pg_catalog."C",
    line_id text NOT NULL COLLATE pg_catalog."C",
    product_id text COLLATE pg_catalog."C",
    quantity bigint NOT NULL,
    unit_price numeric NOT NULL,
    unit_cost numeric,
    discount numeric DEFAULT 0 NOT NULL,
    tax numeric DEFAULT 0 NOT NULL,
    CONSTRAINT finite CHECK ((tallymark.is_finite(unit_price) AND tallymark.is_finite(unit_cost) AND tallymark.is_finite(discount) AND tallymark.is_finite(tax)))
)
PARTITION BY RANGE (placed_at);

ALTER TABLE ONLY tallymark.order_items FORCE ROW LEVEL SECURITY;

CREATE TABLE tallymark.orders (
    tenant_id integer NOT NULL,
    placed_at timestamp with time zone NOT NULL,
    platform text NOT NULL COLLATE pg_catalog."C",
    order_id text NOT NULL COLLATE pg_catalog."C",
    status text DEFAULT 'completed'::text NOT NULL COLLATE pg_catalog."C",
    customer_id text COLLATE pg_catalog."C",
    sales_rep_id text COLLATE pg_catalog."C",
    currency text COLLATE pg_catalog."C",
    total_amount numeric,
    discount numeric DEFAULT 0 NOT NULL,
    shipping numeric DEFAULT 0 NOT NULL,
    tax numeric,
    cancelled_at timestamp with time zone,
    test boolean DEFAULT false NOT NULL,
    CONSTRAINT finite CHECK ((tallymark.is_finite(total_amount) AND tallymark.is_finite(discount) AND tallymark.is_finite(shipping) AND tallymark.is_finite(tax))),
    CONSTRAINT orders_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'completed'::text, 'cancelled'::text]))),
    CONSTRAINT platform_name CHECK (tallymark.is_platform(platform))
)
PARTITION BY RANGE (placed_at);

ALTER TABLE ONLY tallymark.orders FORCE ROW LEVEL SECURITY;

CREATE TABLE tallymark.product_category (
    tenant_id integer NOT NULL,
    platform text NOT NULL COLLATE pg_catalog."C",
    product_id text NOT NULL COLLATE pg_catalog."C",
    category_id text NOT NULL COLLATE pg_catalog."C"
);

ALTER TABLE ONLY tallymark.product_category FORCE ROW LEVEL SECURITY;

CREATE TABLE tallymark.product_day (
    tenant_id integer NOT NULL,
    day date NOT NULL,
    platform text NOT NULL COLLATE pg_catalog."C",
    product_id text NOT NULL COLLATE pg_catalog."C",
    lines bigint NOT NULL,
    negatives bigint NOT NULL,
    units bigint NOT NULL,
    gross numeric NOT NULL,
    discounts numeric NOT NULL,
    cost numeric NOT NULL,
    costed_net numeric NOT NULL,
    returned_units bigint NOT NULL,
    returns numeric NOT NULL,
    order_returned_units bigint NOT NULL,
    order_returns numeric NOT NULL
)
WITH (fillfactor='90');

ALTER TABLE ONLY tallymark.product_day FORCE ROW LEVEL SECURITY;

CREATE TABLE tallymark.product_month (
    tenant_id integer CONSTRAINT product_day_tenant_id_not_null NOT NULL,
    month date CONSTRAINT product_day_day_not_null NOT NULL,
    platform text CONSTRAINT product_day_platform_not_null NOT NULL COLLATE pg_catalog."C",
    product_id text CONSTRAINT product_day_product_id_not_null NOT NULL COLLATE pg_catalog."C",
    lines bigint CONSTRAINT product_day_lines_not_null NOT NULL,
    negatives bigint CONSTRAINT product_day_negatives_not_null NOT NULL,
    units bigint CONSTRAINT product_day_units_not_null NOT NULL,
    gross numeric CONSTRAINT product_day_gross_not_null NOT NULL,
    discounts numeric CONSTRAINT product_day_discounts_not_null NOT NULL,
    cost numeric CONSTRAINT product_day_cost_not_null NOT NULL,
    costed_net numeric CONSTRAINT product_day_costed_net_not_null NOT NULL,
    returned_units bigint CONSTRAINT product_day_returned_units_not_null NOT NULL,
    returns numeric CONSTRAINT product_day_returns_not_null NOT NULL,
    order_returned_units bigint CONSTRAINT product_day_order_returned_units_not_null NOT NULL,
    order_returns numeric CONSTRAINT product_day_order_returns_not_null NOT NULL
)
WITH (fillfactor='90');

ALTER TABLE ONLY tallymark.product_month FORCE ROW LEVEL SECURITY;

CREATE TABLE tallymark.product_total (
    tenant_id integer CONSTRAINT product_day_tenant_id_not_null NOT NULL,
    platform text CONSTRAINT product_day_platform_not_null NOT NULL COLLATE pg_catalog."C",
    product_id text CONSTRAINT product_day_product_id_not_null NOT NULL COLLATE pg_catalog."C",
    lines bigint CONSTRAINT product_day_lines_not_null NOT NULL,
    negatives bigint CONSTRAINT product_day_negatives_not_null NOT NULL,
    units bigint CONSTRAINT product_day_units_not_null NOT NULL,
    gross numeric CONSTRAINT product_day_gross_not_null NOT NULL,
    discounts numeric CONSTRAINT product_day_discounts_not_null NOT NULL,
    cost numeric CONSTRAINT product_day_cost_not_null NOT NULL,
    costed_net numeric CONSTRAINT product_day_costed_net_not_null NOT NULL,
    returned_units bigint CONSTRAINT product_day_returned_units_not_null NOT NULL,
    returns numeric CONSTRAINT product_day_returns_not_null NOT NULL,
    order_returned_units bigint CONSTRAINT product_day_order_returned_units_not_null NOT NULL,
    order_returns numeric CONSTRAINT product_day_order_returns_not_null NOT NULL
)
WITH (fillfactor='90');

ALTER TABLE ONLY tallymark.product_total FORCE ROW LEVEL SECURITY;

CREATE TABLE tallymark.products (
    tenant_id integer NOT NULL,
    platform text NOT NULL COLLATE pg_catalog."C",
    product_id text NOT NULL COLLATE pg_catalog."C",
    sku text,
    name text,
    category_id text COLLATE pg_catalog."C",
    cost numeric,
    price numeric,
    active boolean DEFAULT true NOT NULL,
    created_at timestamp with time zone
);

ALTER TABLE ONLY tallymark.products FORCE ROW LEVEL SECURITY;

CREATE TABLE tallymark.refresh_tokens (
    secret_hash bytea NOT NULL,
    family uuid NOT NULL,
    user_id integer NOT NULL,
    session_epoch integer NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    used_at timestamp with time zone
);

CREATE TABLE tallymark.refund_fact (
    tenant_id integer NOT NULL,
    platform text NOT NULL COLLATE pg_catalog."C",
    refund_id text NOT NULL COLLATE pg_catalog."C",
    line_id text NOT NULL COLLATE pg_catalog."C",
    refunded_at timestamp with time zone NOT NULL,
    day date NOT NULL,
    hour smallint NOT NULL,
    order_day date NOT NULL,
    order_hour smallint NOT NULL,
    product_id text NOT NULL COLLATE pg_catalog."C",
    customer_id text COLLATE pg_catalog."C",
    segment text NOT NULL COLLATE pg_catalog."C",
    sales_rep_id text COLLATE pg_catalog."C",
    quantity bigint NOT NULL,
    amount numeric NOT NULL
);

ALTER TABLE ONLY tallymark.refund_fact FORCE ROW LEVEL SECURITY;

CREATE TABLE tallymark.refunds (
    tenant_id integer NOT NULL,
    platform text NOT NULL COLLATE pg_catalog."C",
    refund_id text NOT NULL COLLATE pg_catalog."C",
    line_id text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C",
    order_id text COLLATE pg_catalog."C",
    product_id text COLLATE pg_catalog."C",
    customer_id text COLLATE pg_catalog."C",
    refunded_at timestamp with time zone NOT NULL,
    quantity bigint DEFAULT 0 NOT NULL,
    amount numeric NOT NULL,
    CONSTRAINT finite CHECK (tallymark.is_finite(amount)),
    CONSTRAINT known_time CHECK (tallymark.is_known_time(refunded_at)),
    CONSTRAINT platform_name CHECK (tallymark.is_platform(platform))
);

ALTER TABLE ONLY tallymark.refunds FORCE ROW LEVEL SECURITY;

CREATE TABLE tallymark.rep_day (
    tenant_id integer NOT NULL,
    day date NOT NULL,
    platform text NOT NULL COLLATE pg_catalog."C",
    sales_rep_id text NOT NULL COLLATE pg_catalog."C",
    orders bigint NOT NULL,
    units bigint NOT NULL,
    gross numeric NOT NULL,
    discounts numeric NOT NULL,
    total numeric NOT NULL,
    cost numeric NOT NULL,
    costed_net numeric NOT NULL,
    returns numeric NOT NULL,
    order_returns numeric NOT NULL
)
WITH (fillfactor='80');

ALTER TABLE ONLY tallymark.rep_day FORCE ROW LEVEL SECURITY;

CREATE TABLE tallymark.repeat_gap (
    tenant_id integer NOT NULL,
    platform text NOT NULL COLLATE pg_catalog."C",
    day date NOT NULL,
    prev_day date NOT NULL,
    orders bigint NOT NULL
)
WITH (fillfactor='80');

ALTER TABLE ONLY tallymark.repeat_gap FORCE ROW LEVEL SECURITY;

CREATE TABLE tallymark.repeat_month (
    tenant_id integer NOT NULL,
    prev_month date NOT NULL,
    day date NOT NULL,
    platform text NOT NULL COLLATE pg_catalog."C",
    orders bigint NOT NULL
)
WITH (fillfactor='80');

ALTER TABLE ONLY tallymark.repeat_month FORCE ROW LEVEL SECURITY;

CREATE TABLE tallymark.return_gap (
    tenant_id integer NOT NULL,
    platform text NOT NULL COLLATE pg_catalog."C",
    day date NOT NULL,
    prev_day date NOT NULL,
    customers bigint NOT NULL
)
WITH (fillfactor='80');

ALTER TABLE ONLY tallymark.return_gap FORCE ROW LEVEL SECURITY;

CREATE TABLE tallymark.return_month (
    tenant_id integer NOT NULL,
    prev_month date NOT NULL,
    day date NOT NULL,
    platform text NOT NULL COLLATE pg_catalog."C",
    customers bigint NOT NULL,
    gap_days bigint NOT NULL
)
WITH (fillfactor='80');

ALTER TABLE ONLY tallymark.return_month FORCE ROW LEVEL SECURITY;

CREATE TABLE tallymark.sales_day (
    tenant_id integer NOT NULL,
    day date NOT NULL,
    platform text NOT NULL COLLATE pg_catalog."C",
    orders bigint NOT NULL,
    foreign_orders bigint NOT NULL,
    units bigint NOT NULL,
    gross numeric NOT NULL,
    discounts numeric NOT NULL,
    shipping numeric NOT NULL,
    tax numeric NOT NULL,
    total numeric NOT NULL,
    cost numeric NOT NULL,
    costed_net numeric NOT NULL,
    costed_lines bigint NOT NULL,
    uncosted_lines bigint NOT NULL,
    refunds bigint NOT NULL,
    returned_units bigint NOT NULL,
    returns numeric NOT NULL,
    order_refunds bigint NOT NULL,
    order_returned_units bigint NOT NULL,
    order_returns numeric NOT NULL
)
WITH (fillfactor='80');

ALTER TABLE ONLY tallymark.sales_day FORCE ROW LEVEL SECURITY;

CREATE TABLE tallymark.sales_hour (
    tenant_id integer NOT NULL,
    day date NOT NULL,
    hour smallint NOT NULL,
    platform text NOT NULL COLLATE pg_catalog."C",
    orders bigint NOT NULL,
    units bigint NOT NULL,
    gross numeric NOT NULL,
    discounts numeric NOT NULL,
    shipping numeric NOT NULL,
    tax numeric NOT NULL,
    total numeric NOT NULL,
    returns numeric NOT NULL,
    order_returns numeric NOT NULL
)
WITH (fillfactor='80');

ALTER TABLE ONLY tallymark.sales_hour FORCE ROW LEVEL SECURITY;

CREATE TABLE tallymark.sales_reps (
    tenant_id integer NOT NULL,
    platform text NOT NULL COLLATE pg_catalog."C",
    sales_rep_id text NOT NULL COLLATE pg_catalog."C",
    name text,
    email text,
    region text,
    commission_rate numeric
);

ALTER TABLE ONLY tallymark.sales_reps FORCE ROW LEVEL SECURITY;

CREATE TABLE tallymark.schedules (
    tenant_id integer DEFAULT 0 NOT NULL,
    job text NOT NULL COLLATE pg_catalog."C",
    cron text NOT NULL,
    timezone text NOT NULL,
    missed text NOT NULL,
    enabled boolean DEFAULT true NOT NULL,
    owner text NOT NULL,
    next_at timestamp with time zone,
    counted_at timestamp with time zone,
    last_at timestamp with time zone,
    changed_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT schedules_missed_check CHECK ((missed = ANY (ARRAY['skip'::text, 'once'::text])))
);

ALTER TABLE ONLY tallymark.schedules FORCE ROW LEVEL SECURITY;

CREATE TABLE tallymark.schema_migrations (
    number integer NOT NULL,
    name text NOT NULL,
    sha256 text NOT NULL,
    applied_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE tallymark.segment_day (
    tenant_id integer NOT NULL,
    day date NOT NULL,
    platform text NOT NULL COLLATE pg_catalog."C",
    segment text NOT NULL COLLATE pg_catalog."C",
    orders bigint NOT NULL,
    units bigint NOT NULL,
    gross numeric NOT NULL,
    discounts numeric NOT NULL,
    cost numeric NOT NULL,
    costed_net numeric NOT NULL,
    returns numeric NOT NULL,
    order_returns numeric NOT NULL
)
WITH (fillfactor='80');

ALTER TABLE ONLY tallymark.segment_day FORCE ROW LEVEL SECURITY;

CREATE TABLE tallymark.sessions (
    secret_hash bytea NOT NULL,
    user_id integer NOT NULL,
    session_epoch integer NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    seen_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE tallymark.sign_ins ALTER COLUMN sign_in_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME tallymark.sign_ins_sign_in_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE tallymark.signup_day (
    tenant_id integer NOT NULL,
    day date NOT NULL,
    platform text NOT NULL COLLATE pg_catalog."C",
    customers bigint NOT NULL
);

ALTER TABLE ONLY tallymark.signup_day FORCE ROW LEVEL SECURITY;

CREATE TABLE tallymark.stock_history (
    tenant_id integer NOT NULL,
    platform text NOT NULL COLLATE pg_catalog."C",
    product_id text NOT NULL COLLATE pg_catalog."C",
    day date NOT NULL,
    on_hand bigint NOT NULL,
    reserved bigint NOT NULL,
    incoming bigint NOT NULL,
    unit_cost numeric
)
WITH (fillfactor='90');

ALTER TABLE ONLY tallymark.stock_history FORCE ROW LEVEL SECURITY;

CREATE TABLE tallymark.stock_level (
    tenant_id integer NOT NULL,
    platform text NOT NULL COLLATE pg_catalog."C",
    product_id text NOT NULL COLLATE pg_catalog."C",
    on_hand bigint NOT NULL,
    reserved bigint NOT NULL,
    incoming bigint NOT NULL,
    unit_cost numeric
)
WITH (fillfactor='80');

ALTER TABLE ONLY tallymark.stock_level FORCE ROW LEVEL SECURITY;

CREATE TABLE tallymark.sync_state (
    tenant_id integer NOT NULL,
    connection_id integer NOT NULL,
    key text NOT NULL COLLATE pg_catalog."C",
    value jsonb NOT NULL
);

ALTER TABLE ONLY tallymark.sync_state FORCE ROW LEVEL SECURITY;

ALTER TABLE tallymark.tenants ALTER COLUMN tenant_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME tallymark.tenants_tenant_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE tallymark.users (
    user_id integer NOT NULL,
    email text NOT NULL,
    password_hash text NOT NULL,
    session_epoch integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT users_email_check CHECK ((email = lower(email)))
);

ALTER TABLE tallymark.users ALTER COLUMN user_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME tallymark.users_user_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

ALTER TABLE ONLY tallymark.activity_day
    ADD CONSTRAINT activity_day_pkey PRIMARY KEY (tenant_id, day, platform, kind);

ALTER TABLE ONLY tallymark.activity_hour
    ADD CONSTRAINT activity_hour_pkey PRIMARY KEY (tenant_id, day, hour, platform);

ALTER TABLE ONLY tallymark.activity
    ADD CONSTRAINT activity_pkey PRIMARY KEY (tenant_id, platform, activity_id);

ALTER TABLE ONLY tallymark.alerts
    ADD CONSTRAINT alerts_pkey PRIMARY KEY (tenant_id, alert_id);

ALTER TABLE ONLY tallymark.analytics_cache
    ADD CONSTRAINT analytics_cache_pkey PRIMARY KEY (tenant_id, metric_type, platform, parameters);

ALTER TABLE ONLY tallymark.analytics_history
    ADD CONSTRAINT analytics_history_pkey PRIMARY KEY (tenant_id, metric_type, platform, version);

ALTER TABLE ONLY tallymark.analytics_metadata
    ADD CONSTRAINT analytics_metadata_pkey PRIMARY KEY (tenant_id, run_id);

ALTER TABLE ONLY tallymark.analytics_progress
    ADD CONSTRAINT analytics_progress_pkey PRIMARY KEY (tenant_id, run_id, seq);

ALTER TABLE ONLY tallymark.api_keys
    ADD CONSTRAINT api_keys_pkey PRIMARY KEY (tenant_id, key_id);

ALTER TABLE ONLY tallymark.api_keys
    ADD CONSTRAINT api_keys_tenant_id_secret_hash_key UNIQUE (tenant_id, secret_hash);

ALTER TABLE ONLY tallymark.archives
    ADD CONSTRAINT archives_pkey PRIMARY KEY (tenant_id, month);

ALTER TABLE ONLY tallymark.asked_questions
    ADD CONSTRAINT asked_questions_pkey PRIMARY KEY (tenant_id, metric, platform, parameters);

ALTER TABLE ONLY tallymark.assortment_month
    ADD CONSTRAINT assortment_month_pkey PRIMARY KEY (tenant_id, month, platform);

ALTER TABLE ONLY tallymark.audit_log
    ADD CONSTRAINT audit_log_pkey PRIMARY KEY (tenant_id, entry_id);

ALTER TABLE ONLY tallymark.buyers_day
    ADD CONSTRAINT buyers_day_pkey PRIMARY KEY (tenant_id, day, platform);

ALTER TABLE ONLY tallymark.categories
    ADD CONSTRAINT categories_pkey PRIMARY KEY (tenant_id, platform, category_id);

ALTER TABLE ONLY tallymark.category_day
    ADD CONSTRAINT category_day_pkey PRIMARY KEY (tenant_id, day, platform, category_id);

ALTER TABLE ONLY tallymark.category_month
    ADD CONSTRAINT category_month_pkey PRIMARY KEY (tenant_id, month, platform, category_id);

ALTER TABLE ONLY tallymark.cohort_month
    ADD CONSTRAINT cohort_month_pkey PRIMARY KEY (tenant_id, platform, cohort, month);

ALTER TABLE ONLY tallymark.connections
    ADD CONSTRAINT connections_pkey PRIMARY KEY (tenant_id, connection_id);

ALTER TABLE ONLY tallymark.connections
    ADD CONSTRAINT connections_tenant_id_platform_name_key UNIQUE (tenant_id, platform, name);

ALTER TABLE ONLY tallymark.customer_day
    ADD CONSTRAINT customer_day_pkey PRIMARY KEY (tenant_id, platform, customer_id, day);

ALTER TABLE ONLY tallymark.customer_fact
    ADD CONSTRAINT customer_fact_pkey PRIMARY KEY (tenant_id, platform, customer_id);

ALTER TABLE ONLY tallymark.customer_refund
    ADD CONSTRAINT customer_refund_pkey PRIMARY KEY (tenant_id, platform, customer_id);

ALTER TABLE ONLY tallymark.customers
    ADD CONSTRAINT customers_pkey PRIMARY KEY (tenant_id, platform, customer_id);

ALTER TABLE ONLY tallymark.exchange_rates
    ADD CONSTRAINT exchange_rates_pkey PRIMARY KEY (tenant_id, currency, day);

ALTER TABLE ONLY tallymark.expense_day
    ADD CONSTRAINT expense_day_pkey PRIMARY KEY (tenant_id, day, platform, category);

ALTER TABLE ONLY tallymark.expenses
    ADD CONSTRAINT expenses_pkey PRIMARY KEY (tenant_id, platform, expense_id);

ALTER TABLE ONLY tallymark.integrity_checks
    ADD CONSTRAINT integrity_checks_pkey PRIMARY KEY (tenant_id);

ALTER TABLE ONLY tallymark.inventory_day
    ADD CONSTRAINT inventory_day_pkey PRIMARY KEY (tenant_id, day, platform);

ALTER TABLE ONLY tallymark.inventory_levels
    ADD CONSTRAINT inventory_levels_pkey PRIMARY KEY (tenant_id, platform, product_id, location);

ALTER TABLE ONLY tallymark.item_day
    ADD CONSTRAINT item_day_pkey PRIMARY KEY (tenant_id, day, platform, product_id);

ALTER TABLE ONLY tallymark.job_runs
    ADD CONSTRAINT job_runs_pkey PRIMARY KEY (tenant_id, run_id);

ALTER TABLE ONLY tallymark.job_workers
    ADD CONSTRAINT job_workers_pkey PRIMARY KEY (worker);

ALTER TABLE ONLY tallymark.lifetime_fit
    ADD CONSTRAINT lifetime_fit_pkey PRIMARY KEY (tenant_id, platform);

ALTER TABLE ONLY tallymark.memberships
    ADD CONSTRAINT memberships_pkey PRIMARY KEY (tenant_id, user_id);

ALTER TABLE ONLY tallymark.metric_timings
    ADD CONSTRAINT metric_timings_pkey PRIMARY KEY (tenant_id, metric_type, day);

ALTER TABLE ONLY tallymark.order_fact
    ADD CONSTRAINT order_fact_pkey PRIMARY KEY (tenant_id, placed_at, platform, order_id);

ALTER TABLE ONLY tallymark.order_items
    ADD CONSTRAINT order_items_pkey PRIMARY KEY (tenant_id, placed_at, platform, order_id, line_id);

ALTER TABLE ONLY tallymark.orders
    ADD CONSTRAINT orders_pkey PRIMARY KEY (tenant_id, placed_at, platform, order_id);

ALTER TABLE ONLY tallymark.product_category
    ADD CONSTRAINT product_category_pkey PRIMARY KEY (tenant_id, platform, product_id);

ALTER TABLE ONLY tallymark.product_day
    ADD CONSTRAINT product_day_pkey PRIMARY KEY (tenant_id, day, platform, product_id);

ALTER TABLE ONLY tallymark.product_month
    ADD CONSTRAINT product_month_pkey PRIMARY KEY (tenant_id, month, platform, product_id);

ALTER TABLE ONLY tallymark.product_total
    ADD CONSTRAINT product_total_pkey PRIMARY KEY (tenant_id, platform, product_id);

ALTER TABLE ONLY tallymark.products
    ADD CONSTRAINT products_pkey PRIMARY KEY (tenant_id, platform, product_id);

ALTER TABLE ONLY tallymark.publications
    ADD CONSTRAINT publications_pkey PRIMARY KEY (tenant_id);

ALTER TABLE ONLY tallymark.refresh_tokens
    ADD CONSTRAINT refresh_tokens_pkey PRIMARY KEY (secret_hash);

ALTER TABLE ONLY tallymark.refund_fact
    ADD CONSTRAINT refund_fact_pkey PRIMARY KEY (tenant_id, platform, refund_id, line_id);

ALTER TABLE ONLY tallymark.refunds
    ADD CONSTRAINT refunds_pkey PRIMARY KEY (tenant_id, platform, refund_id, line_id);

ALTER TABLE ONLY tallymark.rep_day
    ADD CONSTRAINT rep_day_pkey PRIMARY KEY (tenant_id, day, platform, sales_rep_id);

ALTER TABLE ONLY tallymark.repeat_gap
    ADD CONSTRAINT repeat_gap_pkey PRIMARY KEY (tenant_id, platform, day, prev_day) INCLUDE (orders);

ALTER TABLE ONLY tallymark.repeat_month
    ADD CONSTRAINT repeat_month_pkey PRIMARY KEY (tenant_id, prev_month, day, platform);

ALTER TABLE ONLY tallymark.return_gap
    ADD CONSTRAINT return_gap_pkey PRIMARY KEY (tenant_id, platform, day, prev_day) INCLUDE (customers);

ALTER TABLE ONLY tallymark.return_month
    ADD CONSTRAINT return_month_pkey PRIMARY KEY (tenant_id, prev_month, day, platform);

ALTER TABLE ONLY tallymark.sales_day
    ADD CONSTRAINT sales_day_pkey PRIMARY KEY (tenant_id, day, platform);

ALTER TABLE ONLY tallymark.sales_hour
    ADD CONSTRAINT sales_hour_pkey PRIMARY KEY (tenant_id, day, hour, platform);

ALTER TABLE ONLY tallymark.sales_reps
    ADD CONSTRAINT sales_reps_pkey PRIMARY KEY (tenant_id, platform, sales_rep_id);

ALTER TABLE ONLY tallymark.schedules
    ADD CONSTRAINT schedules_pkey PRIMARY KEY (tenant_id, job);

ALTER TABLE ONLY tallymark.schema_migrations
    ADD CONSTRAINT schema_migrations_pkey PRIMARY KEY (number);

ALTER TABLE ONLY tallymark.segment_day
    ADD CONSTRAINT segment_day_pkey PRIMARY KEY (tenant_id, day, platform, segment);

ALTER TABLE ONLY tallymark.sessions
    ADD CONSTRAINT sessions_pkey PRIMARY KEY (secret_hash);

ALTER TABLE ONLY tallymark.sign_ins
    ADD CONSTRAINT sign_ins_pkey PRIMARY KEY (user_id, sign_in_id);

ALTER TABLE ONLY tallymark.signup_day
    ADD CONSTRAINT signup_day_pkey PRIMARY KEY (tenant_id, day, platform);

ALTER TABLE ONLY tallymark.stock_history
    ADD CONSTRAINT stock_history_pkey PRIMARY KEY (tenant_id, platform, product_id, day);

ALTER TABLE ONLY tallymark.stock_level
    ADD CONSTRAINT stock_level_pkey PRIMARY KEY (tenant_id, platform, product_id);

ALTER TABLE ONLY tallymark.sync_state
    ADD CONSTRAINT sync_state_pkey PRIMARY KEY (tenant_id, connection_id, key);

ALTER TABLE ONLY tallymark.tenants
    ADD CONSTRAINT tenants_pkey PRIMARY KEY (tenant_id);

ALTER TABLE ONLY tallymark.tenants
    ADD CONSTRAINT tenants_slug_key UNIQUE (slug);

ALTER TABLE ONLY tallymark.users
    ADD CONSTRAINT users_email_key UNIQUE (email);

ALTER TABLE ONLY tallymark.users
    ADD CONSTRAINT users_pkey PRIMARY KEY (user_id);

ALTER TABLE ONLY tallymark.wake_ups
    ADD CONSTRAINT wake_ups_pkey PRIMARY KEY (tenant_id, platform);

CREATE INDEX activity_by_time ON tallymark.activity USING btree (tenant_id, occurred_at);

CREATE UNIQUE INDEX alerts_open ON tallymark.alerts USING btree (tenant_id, kind, subject) WHERE (resolved_at IS NULL);

CREATE INDEX analytics_metadata_recent ON tallymark.analytics_metadata USING btree (tenant_id, started_at DESC);

CREATE INDEX audit_log_by_time ON tallymark.audit_log USING btree (tenant_id, at);

CREATE INDEX change_log_claim ON tallymark.change_log USING btree (tenant_id, xid);

CREATE INDEX customers_by_time ON tallymark.customers USING btree (tenant_id, created_at);

CREATE INDEX expenses_by_time ON tallymark.expenses USING btree (tenant_id, incurred_at);

CREATE INDEX job_runs_handed ON tallymark.job_runs USING btree (tenant_id, handed_at);

CREATE INDEX job_runs_live ON tallymark.job_runs USING btree (queue_job) WHERE (queue_job IS NOT NULL);

CREATE UNIQUE INDEX job_runs_once_each_time ON tallymark.job_runs USING btree (tenant_id, job, scheduled_for) WHERE (scheduled_for IS NOT NULL);

CREATE UNIQUE INDEX job_runs_one_runs ON tallymark.job_runs USING btree (tenant_id, job, key) WHERE (status = 'running'::text);

CREATE UNIQUE INDEX job_runs_one_waits ON tallymark.job_runs USING btree (tenant_id, job, key) WHERE (status = 'scheduled'::text);

CREATE INDEX job_runs_recent ON tallymark.job_runs USING btree (tenant_id, job, created_at DESC);

CREATE INDEX job_runs_waiting ON tallymark.job_runs USING btree (tenant_id, priority, due_at) WHERE ((status = 'scheduled'::text) AND (queue_job IS NULL));

CREATE INDEX memberships_user ON tallymark.memberships USING btree (user_id);

CREATE INDEX order_fact_of_customer ON ONLY tallymark.order_fact USING btree (tenant_id, platform, customer_id) WHERE (customer_id IS NOT NULL);

CREATE INDEX orders_by_id ON ONLY tallymark.orders USING btree (tenant_id, platform, order_id);

CREATE INDEX refresh_tokens_family ON tallymark.refresh_tokens USING btree (family);

CREATE INDEX refresh_tokens_user ON tallymark.refresh_tokens USING btree (user_id);

CREATE INDEX refund_fact_by_order_day ON tallymark.refund_fact USING btree (tenant_id, order_day);

CREATE INDEX refund_fact_by_time ON tallymark.refund_fact USING btree (tenant_id, refunded_at);

CREATE INDEX refund_fact_of_customer ON tallymark.refund_fact USING btree (tenant_id, platform, customer_id) WHERE (customer_id IS NOT NULL);

CREATE INDEX refunds_by_time ON tallymark.refunds USING btree (tenant_id, refunded_at);

CREATE INDEX refunds_of_order ON tallymark.refunds USING btree (tenant_id, platform, order_id);

CREATE INDEX schedules_due ON tallymark.schedules USING btree (next_at) WHERE enabled;

CREATE INDEX sessions_user ON tallymark.sessions USING btree (user_id);

CREATE INDEX sign_ins_of_user ON tallymark.sign_ins USING btree (user_id, at);

CREATE TRIGGER log_delete AFTER DELETE ON tallymark.activity REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION tallymark.log_activity_delete();

CREATE TRIGGER log_delete AFTER DELETE ON tallymark.categories REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION tallymark.log_categories_delete();

CREATE TRIGGER log_delete AFTER DELETE ON tallymark.customers REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION tallymark.log_customers_delete();

CREATE TRIGGER log_delete AFTER DELETE ON tallymark.exchange_rates REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION tallymark.log_exchange_rates_delete();

CREATE TRIGGER log_delete AFTER DELETE ON tallymark.expenses REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION tallymark.log_expenses_delete();

CREATE TRIGGER log_delete AFTER DELETE ON tallymark.inventory_levels REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION tallymark.log_inventory_levels_delete();

CREATE TRIGGER log_delete AFTER DELETE ON tallymark.order_items REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION tallymark.log_order_items_delete();

CREATE TRIGGER log_delete AFTER DELETE ON tallymark.orders REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION tallymark.log_orders_delete();

CREATE TRIGGER log_delete AFTER DELETE ON tallymark.products REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION tallymark.log_products_delete();

CREATE TRIGGER log_delete AFTER DELETE ON tallymark.refunds REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION tallymark.log_refunds_delete();

CREATE TRIGGER log_delete AFTER DELETE ON tallymark.sales_reps REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION tallymark.log_sales_reps_delete();

CREATE TRIGGER log_insert AFTER INSERT ON tallymark.activity REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION tallymark.log_activity_insert();

CREATE TRIGGER log_insert AFTER INSERT ON tallymark.categories REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION tallymark.log_categories_insert();

CREATE TRIGGER log_insert AFTER INSERT ON tallymark.customers REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION tallymark.log_customers_insert();

CREATE TRIGGER log_insert AFTER INSERT ON tallymark.exchange_rates REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION tallymark.log_exchange_rates_insert();

CREATE TRIGGER log_insert AFTER INSERT ON tallymark.expenses REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION tallymark.log_expenses_insert();

CREATE TRIGGER log_insert AFTER INSERT ON tallymark.inventory_levels REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION tallymark.log_inventory_levels_insert();

CREATE TRIGGER log_insert AFTER INSERT ON tallymark.order_items REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION tallymark.log_order_items_insert();

CREATE TRIGGER log_insert AFTER INSERT ON tallymark.orders REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION tallymark.log_orders_insert();

CREATE TRIGGER log_insert AFTER INSERT ON tallymark.products REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION tallymark.log_products_insert();

CREATE TRIGGER log_insert AFTER INSERT ON tallymark.refunds REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION tallymark.log_refunds_insert();

CREATE TRIGGER log_insert AFTER INSERT ON tallymark.sales_reps REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION tallymark.log_sales_reps_insert();

CREATE TRIGGER log_segments_delete AFTER DELETE ON tallymark.customers REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION tallymark.log_segments();

CREATE TRIGGER log_segments_insert AFTER INSERT ON tallymark.customers REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION tallymark.log_segments();

CREATE TRIGGER log_segments_update AFTER UPDATE ON tallymark.customers REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION tallymark.log_segments();

CREATE TRIGGER log_update AFTER UPDATE ON tallymark.activity REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION tallymark.log_activity_update();

CREATE TRIGGER log_update AFTER UPDATE ON tallymark.categories REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION tallymark.log_categories_update();

CREATE TRIGGER log_update AFTER UPDATE ON tallymark.customers REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION tallymark.log_customers_update();

CREATE TRIGGER log_update AFTER UPDATE ON tallymark.exchange_rates REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION tallymark.log_exchange_rates_update();

CREATE TRIGGER log_update AFTER UPDATE ON tallymark.expenses REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION tallymark.log_expenses_update();

CREATE TRIGGER log_update AFTER UPDATE ON tallymark.inventory_levels REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION tallymark.log_inventory_levels_update();

CREATE TRIGGER log_update AFTER UPDATE ON tallymark.order_items REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION tallymark.log_order_items_update();

CREATE TRIGGER log_update AFTER UPDATE ON tallymark.orders REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION tallymark.log_orders_update();

CREATE TRIGGER log_update AFTER UPDATE ON tallymark.products REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION tallymark.log_products_update();

CREATE TRIGGER log_update AFTER UPDATE ON tallymark.refunds REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION tallymark.log_refunds_update();

CREATE TRIGGER log_update AFTER UPDATE ON tallymark.sales_reps REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION tallymark.log_sales_reps_update();

CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON tallymark.activity FOR EACH STATEMENT EXECUTE FUNCTION tallymark.refuse_truncate();

CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON tallymark.categories FOR EACH STATEMENT EXECUTE FUNCTION tallymark.refuse_truncate();

CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON tallymark.customers FOR EACH STATEMENT EXECUTE FUNCTION tallymark.refuse_truncate();

CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON tallymark.exchange_rates FOR EACH STATEMENT EXECUTE FUNCTION tallymark.refuse_truncate();

CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON tallymark.expenses FOR EACH STATEMENT EXECUTE FUNCTION tallymark.refuse_truncate();

CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON tallymark.inventory_levels FOR EACH STATEMENT EXECUTE FUNCTION tallymark.refuse_truncate();

CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON tallymark.order_items FOR EACH STATEMENT EXECUTE FUNCTION tallymark.refuse_truncate();

CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON tallymark.orders FOR EACH STATEMENT EXECUTE FUNCTION tallymark.refuse_truncate();

CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON tallymark.products FOR EACH STATEMENT EXECUTE FUNCTION tallymark.refuse_truncate();

CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON tallymark.refunds FOR EACH STATEMENT EXECUTE FUNCTION tallymark.refuse_truncate();

CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON tallymark.sales_reps FOR EACH STATEMENT EXECUTE FUNCTION tallymark.refuse_truncate();

ALTER TABLE ONLY tallymark.activity
    ADD CONSTRAINT activity_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tallymark.tenants(tenant_id);

ALTER TABLE ONLY tallymark.alerts
    ADD CONSTRAINT alerts_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tallymark.tenants(tenant_id) ON DELETE CASCADE;

ALTER TABLE ONLY tallymark.api_keys
    ADD CONSTRAINT api_keys_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tallymark.tenants(tenant_id) ON DELETE CASCADE;

ALTER TABLE ONLY tallymark.archives
    ADD CONSTRAINT archives_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tallymark.tenants(tenant_id);

ALTER TABLE ONLY tallymark.asked_questions
    ADD CONSTRAINT asked_questions_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tallymark.tenants(tenant_id) ON DELETE CASCADE;

ALTER TABLE ONLY tallymark.audit_log
    ADD CONSTRAINT audit_log_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tallymark.tenants(tenant_id) ON DELETE CASCADE;

ALTER TABLE ONLY tallymark.categories
    ADD CONSTRAINT categories_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tallymark.tenants(tenant_id);

ALTER TABLE ONLY tallymark.connections
    ADD CONSTRAINT connections_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tallymark.tenants(tenant_id) ON DELETE CASCADE;

ALTER TABLE ONLY tallymark.customers
    ADD CONSTRAINT customers_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tallymark.tenants(tenant_id);

ALTER TABLE ONLY tallymark.exchange_rates
    ADD CONSTRAINT exchange_rates_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tallymark.tenants(tenant_id);

ALTER TABLE ONLY tallymark.expenses
    ADD CONSTRAINT expenses_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tallymark.tenants(tenant_id);

ALTER TABLE ONLY tallymark.integrity_checks
    ADD CONSTRAINT integrity_checks_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tallymark.tenants(tenant_id) ON DELETE CASCADE;

ALTER TABLE ONLY tallymark.inventory_levels
    ADD CONSTRAINT inventory_levels_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tallymark.tenants(tenant_id);

ALTER TABLE ONLY tallymark.memberships
    ADD CONSTRAINT memberships_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tallymark.tenants(tenant_id) ON DELETE CASCADE;

ALTER TABLE ONLY tallymark.memberships
    ADD CONSTRAINT memberships_user_id_fkey FOREIGN KEY (user_id) REFERENCES tallymark.users(user_id) ON DELETE CASCADE;

ALTER TABLE ONLY tallymark.products
    ADD CONSTRAINT products_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tallymark.tenants(tenant_id);

ALTER TABLE ONLY tallymark.publications
    ADD CONSTRAINT publications_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tallymark.tenants(tenant_id);

ALTER TABLE ONLY tallymark.refresh_tokens
    ADD CONSTRAINT refresh_tokens_user_id_fkey FOREIGN KEY (user_id) REFERENCES tallymark.users(user_id) ON DELETE CASCADE;

ALTER TABLE ONLY tallymark.refunds
    ADD CONSTRAINT refunds_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tallymark.tenants(tenant_id);

ALTER TABLE ONLY tallymark.sales_reps
    ADD CONSTRAINT sales_reps_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tallymark.tenants(tenant_id);

ALTER TABLE ONLY tallymark.sessions
    ADD CONSTRAINT sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES tallymark.users(user_id) ON DELETE CASCADE;

ALTER TABLE ONLY tallymark.sign_ins
    ADD CONSTRAINT sign_ins_user_id_fkey FOREIGN KEY (user_id) REFERENCES tallymark.users(user_id) ON DELETE CASCADE;

ALTER TABLE ONLY tallymark.sync_state
    ADD CONSTRAINT sync_state_tenant_id_connection_id_fkey FOREIGN KEY (tenant_id, connection_id) REFERENCES tallymark.connections(tenant_id, connection_id) ON DELETE CASCADE;

ALTER TABLE ONLY tallymark.wake_ups
    ADD CONSTRAINT wake_ups_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tallymark.tenants(tenant_id) ON DELETE CASCADE;

ALTER TABLE tallymark.activity ENABLE ROW LEVEL SECURITY;

ALTER TABLE tallymark.activity_day ENABLE ROW LEVEL SECURITY;

ALTER TABLE tallymark.activity_hour ENABLE ROW LEVEL SECURITY;

ALTER TABLE tallymark.alerts ENABLE ROW LEVEL SECURITY;

ALTER TABLE tallymark.analytics_cache ENABLE ROW LEVEL SECURITY;

ALTER TABLE tallymark.analytics_history ENABLE ROW LEVEL SECURITY;

ALTER TABLE tallymark.analytics_metadata ENABLE ROW LEVEL SECURITY;

ALTER TABLE tallymark.analytics_progress ENABLE ROW LEVEL SECURITY;

ALTER TABLE tallymark.api_keys ENABLE ROW LEVEL SECURITY;

ALTER TABLE tallymark.archives ENABLE ROW LEVEL SECURITY;

ALTER TABLE tallymark.asked_questions ENABLE ROW LEVEL SECURITY;

ALTER TABLE tallymark.assortment_month ENABLE ROW LEVEL SECURITY;

ALTER TABLE tallymark.audit_log ENABLE ROW LEVEL SECURITY;

ALTER TABLE tallymark.buyers_day ENABLE ROW LEVEL SECURITY;

ALTER TABLE tallymark.categories ENABLE ROW LEVEL SECURITY;

ALTER TABLE tallymark.category_day ENABLE ROW LEVEL SECURITY;

ALTER TABLE tallymark.category_month ENABLE ROW LEVEL SECURITY;

ALTER TABLE tallymark.change_log ENABLE ROW LEVEL SECURITY;

CREATE POLICY clock ON tallymark.alerts FOR SELECT TO tallymark USING (true);

CREATE POLICY clock ON tallymark.asked_questions FOR SELECT TO tallymark USING (true);

CREATE POLICY clock ON tallymark.change_log FOR SELECT TO tallymark USING (true);

CREATE POLICY clock ON tallymark.connections TO tallymark USING (true);

CREATE POLICY clock ON tallymark.integrity_checks FOR SELECT TO tallymark USING (true);

CREATE POLICY clock ON tallymark.publications TO tallymark USING (true);

CREATE POLICY clock ON tallymark.wake_ups TO tallymark USING (true);

ALTER TABLE tallymark.cohort_month ENABLE ROW LEVEL SECURITY;

ALTER TABLE tallymark.connections ENABLE ROW LEVEL SECURITY;

ALTER TABLE tallymark.customer_day ENABLE ROW LEVEL SECURITY;

ALTER TABLE tallymark.customer_fact ENABLE ROW LEVEL SECURITY;

ALTER TABLE tallymark.customer_refund ENABLE ROW LEVEL SECURITY;

ALTER TABLE tallymark.customers ENABLE ROW LEVEL SECURITY;

CREATE POLICY engine ON tallymark.job_runs USING (tallymark.is_engine());

CREATE POLICY engine ON tallymark.schedules USING (tallymark.is_engine());

ALTER TABLE tallymark.exchange_rates ENABLE ROW LEVEL SECURITY;

ALTER TABLE tallymark.expense_day ENABLE ROW LEVEL SECURITY;

ALTER TABLE tallymark.expenses ENABLE ROW LEVEL SECURITY;

CREATE POLICY for_all ON tallymark.job_runs FOR SELECT USING ((tenant_id = 0));

CREATE POLICY for_all ON tallymark.schedules FOR SELECT USING ((tenant_id = 0));

CREATE POLICY glance ON tallymark.analytics_cache FOR SELECT TO tallymark USING (true);

CREATE POLICY glance ON tallymark.analytics_metadata FOR SELECT TO tallymark USING (true);

ALTER TABLE tallymark.integrity_checks ENABLE ROW LEVEL SECURITY;

ALTER TABLE tallymark.inventory_day ENABLE ROW LEVEL SECURITY;

ALTER TABLE tallymark.inventory_levels ENABLE ROW LEVEL SECURITY;

ALTER TABLE tallymark.item_day ENABLE ROW LEVEL SECURITY;

ALTER TABLE tallymark.job_runs ENABLE ROW LEVEL SECURITY;

ALTER TABLE tallymark.lifetime_fit ENABLE ROW LEVEL SECURITY;

ALTER TABLE tallymark.metric_timings ENABLE ROW LEVEL SECURITY;

CREATE POLICY one_tenant ON tallymark.activity USING ((tenant_id = tallymark.current_tenant()));

CREATE POLICY one_tenant ON tallymark.activity_day USING ((tenant_id = tallymark.current_tenant()));

CREATE POLICY one_tenant ON tallymark.activity_hour USING ((tenant_id = tallymark.current_tenant()));

CREATE POLICY one_tenant ON tallymark.alerts USING ((tenant_id = tallymark.current_tenant()));

CREATE POLICY one_tenant ON tallymark.analytics_cache USING ((tenant_id = tallymark.current_tenant()));

CREATE POLICY one_tenant ON tallymark.analytics_history USING ((tenant_id = tallymark.current_tenant()));

CREATE POLICY one_tenant ON tallymark.analytics_metadata USING ((tenant_id = tallymark.current_tenant()));

CREATE POLICY one_tenant ON tallymark.analytics_progress USING ((tenant_id = tallymark.current_tenant()));

CREATE POLICY one_tenant ON tallymark.api_keys USING ((tenant_id = tallymark.current_tenant()));

CREATE POLICY one_tenant ON tallymark.archives USING ((tenant_id = tallymark.current_tenant()));

CREATE POLICY one_tenant ON tallymark.asked_questions USING ((tenant_id = tallymark.current_tenant()));

CREATE POLICY one_tenant ON tallymark.assortment_month USING ((tenant_id = tallymark.current_tenant()));

CREATE POLICY one_tenant ON tallymark.audit_log USING ((tenant_id = tallymark.current_tenant()));

CREATE POLICY one_tenant ON tallymark.buyers_day USING ((tenant_id = tallymark.current_tenant()));

CREATE POLICY one_tenant ON tallymark.categories USING ((tenant_id = tallymark.current_tenant()));

CREATE POLICY one_tenant ON tallymark.category_day USING ((tenant_id = tallymark.current_tenant()));

CREATE POLICY one_tenant ON tallymark.category_month USING ((tenant_id = tallymark.current_tenant()));

CREATE POLICY one_tenant ON tallymark.change_log USING ((tenant_id = tallymark.current_tenant()));

CREATE POLICY one_tenant ON tallymark.cohort_month USING ((tenant_id = tallymark.current_tenant()));

CREATE POLICY one_tenant ON tallymark.connections USING ((tenant_id = tallymark.current_tenant()));

CREATE POLICY one_tenant ON tallymark.customer_day USING ((tenant_id = tallymark.current_tenant()));

CREATE POLICY one_tenant ON tallymark.customer_fact USING ((tenant_id = tallymark.current_tenant()));

CREATE POLICY one_tenant ON tallymark.customer_refund USING ((tenant_id = tallymark.current_tenant()));

CREATE POLICY one_tenant ON tallymark.customers USING ((tenant_id = tallymark.current_tenant()));

CREATE POLICY one_tenant ON tallymark.exchange_rates USING ((tenant_id = tallymark.current_tenant()));

CREATE POLICY one_tenant ON tallymark.expense_day USING ((tenant_id = tallymark.current_tenant()));

CREATE POLICY one_tenant ON tallymark.expenses USING ((tenant_id = tallymark.current_tenant()));

CREATE POLICY one_tenant ON tallymark.integrity_checks USING ((tenant_id = tallymark.current_tenant()));

CREATE POLICY one_tenant ON tallymark.inventory_day USING ((tenant_id = tallymark.current_tenant()));

CREATE POLICY one_tenant ON tallymark.inventory_levels USING ((tenant_id = tallymark.current_tenant()));

CREATE POLICY one_tenant ON tallymark.item_day USING ((tenant_id = tallymark.current_tenant()));

CREATE POLICY one_tenant ON tallymark.job_runs USING ((tenant_id = tallymark.current_tenant()));

CREATE POLICY one_tenant ON tallymark.lifetime_fit USING ((tenant_id = tallymark.current_tenant()));

CREATE POLICY one_tenant ON tallymark.metric_timings USING ((tenant_id = tallymark.current_tenant()));

CREATE POLICY one_tenant ON tallymark.order_fact USING ((tenant_id = tallymark.current_tenant()));

CREATE POLICY one_tenant ON tallymark.order_items USING ((tenant_id = tallymark.current_tenant()));

CREATE POLICY one_tenant ON tallymark.orders USING ((tenant_id = tallymark.current_tenant()));

CREATE POLICY one_tenant ON tallymark.product_category USING ((tenant_id = tallymark.current_tenant()));

CREATE POLICY one_tenant ON tallymark.product_day USING ((tenant_id = tallymark.current_tenant()));

CREATE POLICY one_tenant ON tallymark.product_month USING ((tenant_id = tallymark.current_tenant()));

CREATE POLICY one_tenant ON tallymark.product_total USING ((tenant_id = tallymark.current_tenant()));

CREATE POLICY one_tenant ON tallymark.products USING ((tenant_id = tallymark.current_tenant()));

CREATE POLICY one_tenant ON tallymark.publications USING ((tenant_id = tallymark.current_tenant()));

CREATE POLICY one_tenant ON tallymark.refund_fact USING ((tenant_id = tallymark.current_tenant()));

CREATE POLICY one_tenant ON tallymark.refunds USING ((tenant_id = tallymark.current_tenant()));

CREATE POLICY one_tenant ON tallymark.rep_day USING ((tenant_id = tallymark.current_tenant()));

CREATE POLICY one_tenant ON tallymark.repeat_gap USING ((tenant_id = tallymark.current_tenant()));

CREATE POLICY one_tenant ON tallymark.repeat_month USING ((tenant_id = tallymark.current_tenant()));

CREATE POLICY one_tenant ON tallymark.return_gap USING ((tenant_id = tallymark.current_tenant()));

CREATE POLICY one_tenant ON tallymark.return_month USING ((tenant_id = tallymark.current_tenant()));

CREATE POLICY one_tenant ON tallymark.sales_day USING ((tenant_id = tallymark.current_tenant()));

CREATE POLICY one_tenant ON tallymark.sales_hour USING ((tenant_id = tallymark.current_tenant()));

CREATE POLICY one_tenant ON tallymark.sales_reps USING ((tenant_id = tallymark.current_tenant()));

CREATE POLICY one_tenant ON tallymark.schedules USING ((tenant_id = tallymark.current_tenant()));

CREATE POLICY one_tenant ON tallymark.segment_day USING ((tenant_id = tallymark.current_tenant()));

CREATE POLICY one_tenant ON tallymark.signup_day USING ((tenant_id = tallymark.current_tenant()));

CREATE POLICY one_tenant ON tallymark.stock_history USING ((tenant_id = tallymark.current_tenant()));

CREATE POLICY one_tenant ON tallymark.stock_level USING ((tenant_id = tallymark.current_tenant()));

CREATE POLICY one_tenant ON tallymark.sync_state USING ((tenant_id = tallymark.current_tenant()));

CREATE POLICY one_tenant ON tallymark.wake_ups USING ((tenant_id = tallymark.current_tenant()));

ALTER TABLE tallymark.order_fact ENABLE ROW LEVEL SECURITY;

ALTER TABLE tallymark.order_items ENABLE ROW LEVEL SECURITY;

ALTER TABLE tallymark.orders ENABLE ROW LEVEL SECURITY;

ALTER TABLE tallymark.product_category ENABLE ROW LEVEL SECURITY;

ALTER TABLE tallymark.product_day ENABLE ROW LEVEL SECURITY;

ALTER TABLE tallymark.product_month ENABLE ROW LEVEL SECURITY;

ALTER TABLE tallymark.product_total ENABLE ROW LEVEL SECURITY;

ALTER TABLE tallymark.products ENABLE ROW LEVEL SECURITY;

ALTER TABLE tallymark.publications ENABLE ROW LEVEL SECURITY;

ALTER TABLE tallymark.refund_fact ENABLE ROW LEVEL SECURITY;

ALTER TABLE tallymark.refunds ENABLE ROW LEVEL SECURITY;

ALTER TABLE tallymark.rep_day ENABLE ROW LEVEL SECURITY;

ALTER TABLE tallymark.repeat_gap ENABLE ROW LEVEL SECURITY;

ALTER TABLE tallymark.repeat_month ENABLE ROW LEVEL SECURITY;

ALTER TABLE tallymark.return_gap ENABLE ROW LEVEL SECURITY;

ALTER TABLE tallymark.return_month ENABLE ROW LEVEL SECURITY;

ALTER TABLE tallymark.sales_day ENABLE ROW LEVEL SECURITY;

ALTER TABLE tallymark.sales_hour ENABLE ROW LEVEL SECURITY;

ALTER TABLE tallymark.sales_reps ENABLE ROW LEVEL SECURITY;

ALTER TABLE tallymark.schedules ENABLE ROW LEVEL SECURITY;

ALTER TABLE tallymark.segment_day ENABLE ROW LEVEL SECURITY;

ALTER TABLE tallymark.signup_day ENABLE ROW LEVEL SECURITY;

ALTER TABLE tallymark.stock_history ENABLE ROW LEVEL SECURITY;

ALTER TABLE tallymark.stock_level ENABLE ROW LEVEL SECURITY;

ALTER TABLE tallymark.sync_state ENABLE ROW LEVEL SECURITY;

ALTER TABLE tallymark.wake_ups ENABLE ROW LEVEL SECURITY;

GRANT USAGE ON SCHEMA tallymark TO tallymark_app;

REVOKE ALL ON FUNCTION tallymark.analyze_parents() FROM PUBLIC;
GRANT ALL ON FUNCTION tallymark.analyze_parents() TO tallymark_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE tallymark.tenants TO tallymark_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE tallymark.wake_ups TO tallymark_app;

REVOKE ALL ON FUNCTION tallymark.claim_wake_ups(quiet double precision, longest double precision, lost double precision, most integer) FROM PUBLIC;
GRANT ALL ON FUNCTION tallymark.claim_wake_ups(quiet double precision, longest double precision, lost double precision, most integer) TO tallymark_app;

GRANT ALL ON FUNCTION tallymark.cluster_id() TO tallymark_app;

GRANT USAGE ON SEQUENCE tallymark.change_seq TO tallymark_app;

GRANT SELECT,INSERT,DELETE ON TABLE tallymark.change_log TO tallymark_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE tallymark.publications TO tallymark_app;

REVOKE ALL ON FUNCTION tallymark.clients() FROM PUBLIC;
GRANT ALL ON FUNCTION tallymark.clients() TO tallymark_app;

REVOKE ALL ON FUNCTION tallymark.ensure_months(first timestamp with time zone, last timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION tallymark.ensure_months(first timestamp with time zone, last timestamp with time zone) TO tallymark_app;

GRANT SELECT,INSERT ON TABLE tallymark.audit_log TO tallymark_app;

REVOKE ALL ON FUNCTION tallymark.forget_audit(before timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION tallymark.forget_audit(before timestamp with time zone) TO tallymark_app;

GRANT SELECT,INSERT ON TABLE tallymark.sign_ins TO tallymark_app;

REVOKE ALL ON FUNCTION tallymark.forget_sign_ins(before timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION tallymark.forget_sign_ins(before timestamp with time zone) TO tallymark_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE tallymark.integrity_checks TO tallymark_app;

REVOKE ALL ON FUNCTION tallymark.least_checked(most integer) FROM PUBLIC;
GRANT ALL ON FUNCTION tallymark.least_checked(most integer) TO tallymark_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE tallymark.connections TO tallymark_app;

REVOKE ALL ON FUNCTION tallymark.note_nothing_new(sources integer[]) FROM PUBLIC;
GRANT ALL ON FUNCTION tallymark.note_nothing_new(sources integer[]) TO tallymark_app;

REVOKE ALL ON FUNCTION tallymark.note_unchanged(after integer, most integer) FROM PUBLIC;
GRANT ALL ON FUNCTION tallymark.note_unchanged(after integer, most integer) TO tallymark_app;

REVOKE ALL ON FUNCTION tallymark.notice_changes() FROM PUBLIC;
GRANT ALL ON FUNCTION tallymark.notice_changes() TO tallymark_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE tallymark.alerts TO tallymark_app;

REVOKE ALL ON FUNCTION tallymark.open_alerts() FROM PUBLIC;
GRANT ALL ON FUNCTION tallymark.open_alerts() TO tallymark_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE tallymark.analytics_cache TO tallymark_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE tallymark.analytics_metadata TO tallymark_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE tallymark.memberships TO tallymark_app;

REVOKE ALL ON FUNCTION tallymark.sources_of_all() FROM PUBLIC;
GRANT ALL ON FUNCTION tallymark.sources_of_all() TO tallymark_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE tallymark.asked_questions TO tallymark_app;

REVOKE ALL ON FUNCTION tallymark.tenants_asking(most integer) FROM PUBLIC;
GRANT ALL ON FUNCTION tallymark.tenants_asking(most integer) TO tallymark_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE tallymark.activity TO tallymark_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE tallymark.activity_day TO tallymark_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE tallymark.activity_hour TO tallymark_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE tallymark.analytics_history TO tallymark_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE tallymark.analytics_progress TO tallymark_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE tallymark.api_keys TO tallymark_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE tallymark.archives TO tallymark_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE tallymark.assortment_month TO tallymark_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE tallymark.buyers_day TO tallymark_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE tallymark.categories TO tallymark_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE tallymark.category_day TO tallymark_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE tallymark.category_month TO tallymark_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE tallymark.cohort_month TO tallymark_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE tallymark.customer_day TO tallymark_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE tallymark.customer_fact TO tallymark_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE tallymark.customer_refund TO tallymark_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE tallymark.customers TO tallymark_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE tallymark.exchange_rates TO tallymark_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE tallymark.expense_day TO tallymark_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE tallymark.expenses TO tallymark_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE tallymark.inventory_day TO tallymark_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE tallymark.inventory_levels TO tallymark_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE tallymark.item_day TO tallymark_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE tallymark.job_runs TO tallymark_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE tallymark.job_workers TO tallymark_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE tallymark.lifetime_fit TO tallymark_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE tallymark.metric_timings TO tallymark_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE tallymark.order_fact TO tallymark_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE tallymark.order_items TO tallymark_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE tallymark.orders TO tallymark_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE tallymark.product_category TO tallymark_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE tallymark.product_day TO tallymark_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE tallymark.product_month TO tallymark_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE tallymark.product_total TO tallymark_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE tallymark.products TO tallymark_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE tallymark.refresh_tokens TO tallymark_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE tallymark.refund_fact TO tallymark_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE tallymark.refunds TO tallymark_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE tallymark.rep_day TO tallymark_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE tallymark.repeat_gap TO tallymark_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE tallymark.repeat_month TO tallymark_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE tallymark.return_gap TO tallymark_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE tallymark.return_month TO tallymark_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE tallymark.sales_day TO tallymark_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE tallymark.sales_hour TO tallymark_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE tallymark.sales_reps TO tallymark_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE tallymark.schedules TO tallymark_app;

GRANT SELECT ON TABLE tallymark.schema_migrations TO tallymark_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE tallymark.segment_day TO tallymark_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE tallymark.sessions TO tallymark_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE tallymark.signup_day TO tallymark_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE tallymark.stock_history TO tallymark_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE tallymark.stock_level TO tallymark_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE tallymark.sync_state TO tallymark_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE tallymark.users TO tallymark_app;
