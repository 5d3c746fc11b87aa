-- find --
-- One active tenant by its slug.
SELECT tenant_id, slug, name, timezone, currency FROM tenants WHERE slug = %(slug)s AND active

-- all --
-- Every active tenant.
SELECT tenant_id, slug, name, timezone, currency FROM tenants WHERE active ORDER BY slug

-- create --
-- A new tenant.
INSERT INTO tenants (slug, name, timezone, currency) VALUES (%(slug)s, %(name)s, %(timezone)s, %(currency)s)
ON CONFLICT (slug) DO NOTHING
RETURNING tenant_id, slug, name, timezone, currency

-- knows_timezone --
-- Whether PostgreSQL, which decides on which day an instant falls, knows the zone.
SELECT EXISTS (SELECT FROM pg_timezone_names WHERE name = %(timezone)s)
