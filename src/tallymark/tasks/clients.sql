-- clients --
-- Every active tenant, the platforms its figures are of, and what they wait for: one look at all of them.
SELECT tenant_id, slug, name, timezone, currency, platforms, changed, moved FROM clients() ORDER BY slug

-- sources --
-- What is connected, of all tenants.
SELECT tenant_id, connection_id, platform, kind, name, settings, sealed, status, created_by, created_at, last_sync_at, last_good_at, last_error, mark
FROM sources_of_all()

-- nothing_new --
-- Sources that were looked at and had nothing new.
SELECT note_nothing_new(%(sources)s)

-- note_unchanged --
-- Figures of which nothing has changed are as good as new, without a refresh.
SELECT note_unchanged(%(after)s, %(most)s)

-- skus --
-- How many products each platform has.
SELECT platform, count(*) FROM products WHERE tenant_id = %(tenant)s GROUP BY platform

-- notice --
-- Whose log holds something that nobody has been told of.
SELECT notice_changes()

-- wake --
-- A source said that it has changed. Said while somebody is at it, it stands for what came after they began.
INSERT INTO wake_ups AS w (tenant_id, platform, since)
SELECT %(tenant)s, platform, clock_timestamp() FROM unnest(%(platforms)s::text[]) AS p (platform)
ON CONFLICT (tenant_id, platform) DO UPDATE SET since = EXCLUDED.since, claimed_at = NULL, failures = 0
WHERE w.since IS NULL OR w.claimed_at IS NOT NULL

-- claim --
-- Those whose time has come.
SELECT claim_wake_ups(%(quiet)s, %(longest)s, %(lost)s, %(most)s)

-- begin_serving --
-- All that waits for a tenant is served together; what has failed keeps its pause.
WITH begun AS (
    UPDATE wake_ups SET served_at = now(),
        claimed_at = CASE WHEN NOT since BETWEEN now() AND now() + interval '20 minutes' THEN now() END
    WHERE tenant_id = %(tenant)s RETURNING platform, claimed_at)
SELECT platform, claimed_at FROM begun WHERE claimed_at IS NOT NULL

-- served --
-- What was taken on is done; what was said since stays.
UPDATE wake_ups SET since = NULL, claimed_at = NULL, failures = 0
WHERE tenant_id = %(tenant)s AND platform = ANY(%(platforms)s) AND claimed_at = %(claimed_at)s

-- took --
-- How long the tenant's refresh needed until it was published.
UPDATE wake_ups SET took = %(took)s WHERE tenant_id = %(tenant)s

-- failed --
-- It is tried again, after a pause that grows.
UPDATE wake_ups SET claimed_at = NULL, failures = least(failures + 1, 10),
    since = clock_timestamp() + interval '15 seconds' * 2 ^ least(failures, 6)
WHERE tenant_id = %(tenant)s AND platform = ANY(%(platforms)s) AND claimed_at = %(claimed_at)s
