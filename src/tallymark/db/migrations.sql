-- lock --
-- Instances that start together take turns; the number is ours alone. Let go at the end of the transaction.
SELECT pg_advisory_xact_lock(7236274509);

-- role_exists --
-- Roles belong to the whole server, so another database of it may have made ours already.
SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = 'tallymark_app');

-- create_role --
-- The role every query runs as: it owns nothing and passes by no policy.
CREATE ROLE tallymark_app NOLOGIN NOSUPERUSER NOBYPASSRLS NOINHERIT NOCREATEDB NOCREATEROLE NOREPLICATION;

-- may_set_role --
-- Whether whoever signed in may act as our role: superusers may, others need the grant.
SELECT pg_has_role(session_user, 'tallymark_app', 'MEMBER');

-- grant_role --
-- Lets whoever signed in act as our role.
GRANT tallymark_app TO SESSION_USER;

-- ledger_exists --
-- A database without a ledger is new. Read as rows: to_regclass may remember how it was before we had the lock.
SELECT EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
               WHERE n.nspname = 'tallymark' AND c.relname = 'schema_migrations');

-- create_ledger --
-- The schema of everything we own, and the list of what has been applied to it.
CREATE SCHEMA IF NOT EXISTS tallymark;
GRANT USAGE ON SCHEMA tallymark TO tallymark_app;
CREATE TABLE tallymark.schema_migrations (
    number     integer PRIMARY KEY,
    name       text NOT NULL,
    sha256     text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
);
GRANT SELECT ON tallymark.schema_migrations TO tallymark_app;

-- applied --
-- What this database has, in order.
SELECT number, name, sha256 FROM tallymark.schema_migrations ORDER BY number;

-- record --
-- Written in the transaction of the migration itself.
INSERT INTO tallymark.schema_migrations (number, name, sha256) VALUES (%(number)s, %(name)s, %(sha256)s);
