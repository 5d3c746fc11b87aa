-- The change log: which keys changed, written by triggers in the writer's own transaction.
-- One row holds all keys that one statement touched (at most 1,000), so that a bulk write costs a handful of log rows.
--   orders, order_items  source 'orders':   ids = order ids, instants = their placed_at (both, when it moved)
--   refunds              source 'refunds':  ids = refund ids
--   expenses             source 'expenses': instants = incurred_at
--   customers            source 'segments': ids = customer ids, of those whose segment is another now; source 'customers' besides
--   activity, customers  source = table:    instants = occurred_at, created_at, down to the quarter of an hour: no day begins within one
--   inventory_levels, products  source = table: ids = product ids
--   exchange_rates       source 'exchange_rates': ids = currencies, instants = their days at 00:00 UTC; of no platform
--   all others           source = table:    no keys; says only that the table changed
-- Readers find new rows by snapshot difference (see changes/), never by time or sequence.

CREATE SEQUENCE change_seq CACHE 64;
CREATE TABLE change_log (
    xid       xid8 NOT NULL DEFAULT pg_current_xact_id(),
    seq       bigint NOT NULL DEFAULT nextval('change_seq'),
    tenant_id integer NOT NULL,
    source    text COLLATE "C" NOT NULL,
    platform  text COLLATE "C",
    ids       text[],
    instants  timestamptz[]
);
CREATE INDEX change_log_claim ON change_log (tenant_id, xid);
SELECT isolate_tenant(ARRAY['change_log']::regclass[]);
REVOKE UPDATE ON change_log FROM tallymark_app;
GRANT USAGE ON SEQUENCE change_seq TO tallymark_app;

CREATE FUNCTION refuse_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'TRUNCATE of % would not be logged; delete the rows instead', TG_TABLE_NAME;
END $$;

-- Statement triggers for one table. %1$s: rows of the transition tables as (tenant_id, platform, id, instant).
CREATE FUNCTION log_changes_of(base regclass, source text, id text, instant text, platform text DEFAULT 'platform') RETURNS void LANGUAGE plpgsql AS $outer$
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
END $outer$;

-- Orders count in the segment that is stored of their customer. Only the customer is logged: which orders that concerns is for the
-- refresh to find in its own snapshot, since another transaction may be placing one right now.
CREATE FUNCTION log_segments() RETURNS trigger LANGUAGE plpgsql AS $$
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
END $$;
CREATE TRIGGER log_segments_insert AFTER INSERT ON customers REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION log_segments();
CREATE TRIGGER log_segments_delete AFTER DELETE ON customers REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION log_segments();
CREATE TRIGGER log_segments_update AFTER UPDATE ON customers REFERENCING NEW TABLE AS new_rows OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION log_segments();

SELECT log_changes_of('orders', 'orders', 'order_id', 'placed_at');
SELECT log_changes_of('order_items', 'orders', 'order_id', 'placed_at');
SELECT log_changes_of('refunds', 'refunds', 'refund_id', NULL);
SELECT log_changes_of('expenses', 'expenses', NULL, 'incurred_at');
SELECT log_changes_of('exchange_rates', 'exchange_rates', 'currency', $$day::timestamp AT TIME ZONE 'UTC'$$, 'NULL::text');
SELECT log_changes_of('activity', 'activity', NULL, $$date_bin('15 minutes', occurred_at, '2000-01-01Z')$$);
SELECT log_changes_of('customers', 'customers', NULL, $$date_bin('15 minutes', created_at, '2000-01-01Z')$$);
SELECT log_changes_of('products', 'products', 'product_id', NULL);
SELECT log_changes_of('inventory_levels', 'inventory_levels', 'product_id', NULL);
SELECT log_changes_of(base, base::text, NULL, NULL) FROM unnest(ARRAY['categories', 'sales_reps']::regclass[]) base;

-- What of the log is published. Everything visible in `seen` is in the rollups and results of `version`.
-- target and cursor_seq are set while a change too large for one step is being applied.
-- building: how far a first build or rebuild has come, {"stage", "done", "total"}; null when none is under way.
CREATE TABLE publications (
    tenant_id       integer PRIMARY KEY REFERENCES tenants,
    system_id       bigint NOT NULL,                -- the cluster these transaction ids belong to
    seen            pg_snapshot NOT NULL,
    target          pg_snapshot,
    cursor_seq      bigint,
    version         bigint NOT NULL DEFAULT 0,
    published_at    timestamptz,                    -- when this version was published
    checked_at      timestamptz,                    -- when it was last found to be current
    evaluated_at    timestamptz,                    -- as of when its answers were last worked out; null where some failed
    data_through    jsonb NOT NULL DEFAULT '{}',    -- platform -> latest instant of its orders, refunds and expenses
    definition_hash text NOT NULL,
    building        jsonb
);
SELECT isolate_tenant(ARRAY['publications']::regclass[]);
