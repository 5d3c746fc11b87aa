-- What people ask, so that it is kept ready for them: some questions of each shop, as they were asked.
CREATE TABLE asked_questions (
    tenant_id  integer NOT NULL REFERENCES tenants ON DELETE CASCADE,
    metric     text COLLATE "C" NOT NULL,
    platform   text COLLATE "C" NOT NULL,
    parameters text COLLATE "C" NOT NULL,           -- canonical JSON, as in analytics_cache
    asked      double precision NOT NULL,           -- how often, what is a day old counting half
    last_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (tenant_id, metric, platform, parameters)
) WITH (fillfactor = 80);
SELECT isolate_tenant(ARRAY['asked_questions']::regclass[]);
CREATE POLICY clock ON asked_questions FOR SELECT TO CURRENT_USER USING (true);

-- The shops that somebody asked about within a week, those asked about last first.
CREATE FUNCTION tenants_asking(most integer) RETURNS SETOF integer
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = tallymark, pg_temp
BEGIN ATOMIC
    SELECT a.tenant_id FROM asked_questions a JOIN tenants t USING (tenant_id)
    WHERE t.active AND a.last_at > now() - interval '7 days'
    GROUP BY a.tenant_id ORDER BY max(a.last_at) DESC LIMIT most;
END;
REVOKE ALL ON FUNCTION tenants_asking FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tenants_asking TO tallymark_app;
