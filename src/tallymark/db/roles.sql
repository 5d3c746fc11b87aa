-- role --
-- The role in force and what it could do that no policy would stop.
SELECT rolname, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user;

-- tables --
-- Tables that hold tenants' rows. What is reached through a partitioned parent is judged with the parent, so a
-- partition counts only where the role may also name it directly.
SELECT c.oid::regclass::text AS name,
       pg_has_role(c.relowner, 'MEMBER') AS owned,
       c.relrowsecurity AND c.relforcerowsecurity AND EXISTS (SELECT FROM pg_policy WHERE polrelid = c.oid)
           AS isolated
FROM pg_class c
WHERE c.relnamespace = 'tallymark'::regnamespace
  AND c.relkind IN ('r', 'p', 'f')
  AND EXISTS (SELECT FROM pg_attribute a
              WHERE a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped)
  AND (NOT c.relispartition OR has_table_privilege(c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE'))
ORDER BY name;

-- views --
-- Views answer with their owner's eyes unless they are told otherwise, materialised ones always.
SELECT c.oid::regclass::text AS name
FROM pg_class c
WHERE c.relnamespace = 'tallymark'::regnamespace
  AND c.relkind IN ('v', 'm')
  AND has_table_privilege(c.oid, 'SELECT')
  AND NOT EXISTS (SELECT FROM pg_options_to_table(c.reloptions)
                  WHERE option_name = 'security_invoker' AND option_value::boolean)
ORDER BY name;
