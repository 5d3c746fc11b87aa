-- list --
-- The sources of a shop, of one platform or all.
SELECT connection_id, platform, kind, name, settings, sealed, status, created_by, created_at, last_sync_at, last_good_at, last_error, mark
FROM connections
WHERE tenant_id = %(tenant)s AND (%(platform)s = 'all' OR platform = %(platform)s)
ORDER BY platform, name

-- add --
-- A new source; null where the platform has one of this name.
INSERT INTO connections (tenant_id, platform, kind, name, settings, created_by)
VALUES (%(tenant)s, %(platform)s, %(kind)s, %(name)s, %(settings)s, %(by)s)
ON CONFLICT (tenant_id, platform, name) DO NOTHING
RETURNING connection_id

-- seal --
-- Its secrets, sealed for the place that its number names.
UPDATE connections SET sealed = %(sealed)s WHERE tenant_id = %(tenant)s AND connection_id = %(connection)s

-- remove --
-- The source and how far it was read; the records that came from it stay.
DELETE FROM connections WHERE tenant_id = %(tenant)s AND connection_id = %(connection)s

-- try_lock --
-- One sync of a source at a time, on any machine.
SELECT pg_try_advisory_lock(%(class)s, %(connection)s)

-- done --
-- What of the source is in.
SELECT key, value FROM sync_state WHERE tenant_id = %(tenant)s AND connection_id = %(connection)s

-- put_done --
-- A page is in: committed with its records.
INSERT INTO sync_state (tenant_id, connection_id, key, value)
SELECT %(tenant)s, %(connection)s, key, value FROM jsonb_each(%(done)s)
ON CONFLICT (tenant_id, connection_id, key) DO UPDATE SET value = EXCLUDED.value WHERE sync_state.value <> EXCLUDED.value

-- ended --
-- How a sync ended.
UPDATE connections SET last_sync_at = now(), last_good_at = CASE WHEN %(error)s::text IS NULL THEN now() ELSE last_good_at END,
    status = CASE WHEN %(error)s::text IS NULL THEN 'connected' ELSE 'failing' END, last_error = %(error)s, mark = %(mark)s
WHERE tenant_id = %(tenant)s AND connection_id = %(connection)s
