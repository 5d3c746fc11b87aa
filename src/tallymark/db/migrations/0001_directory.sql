-- Who there is: tenants, the people who may sign in, and which tenants they belong to.
-- These three are the directory: they are read before a tenant is known, so they carry no row security.

CREATE TABLE tenants (
    tenant_id  integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    slug       text NOT NULL UNIQUE CHECK (slug ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
    name       text NOT NULL,
    timezone   text NOT NULL,                       -- IANA name: decides which day an instant belongs to
    currency   text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    active     boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE users (
    user_id       integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    email         text NOT NULL UNIQUE CHECK (email = lower(email)),
    password_hash text NOT NULL,
    session_epoch integer NOT NULL DEFAULT 1,       -- raised to end every session of this user at once
    created_at    timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE memberships (
    tenant_id integer NOT NULL REFERENCES tenants ON DELETE CASCADE,
    user_id   integer NOT NULL REFERENCES users ON DELETE CASCADE,
    role      text NOT NULL CHECK (role IN ('admin', 'analyst', 'viewer')),
    PRIMARY KEY (tenant_id, user_id)
);
CREATE INDEX memberships_user ON memberships (user_id);

-- The tenant of the running transaction, or null: every row policy compares with this.
CREATE FUNCTION current_tenant() RETURNS integer LANGUAGE sql STABLE PARALLEL SAFE
    RETURN nullif(current_setting('tallymark.tenant', true), '')::integer;

-- Puts a table behind row security: one tenant's rows per transaction, for its owner too.
CREATE FUNCTION isolate_tenant(tables regclass[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE t regclass;
BEGIN
    FOREACH t IN ARRAY tables LOOP
        EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY one_tenant ON %s USING (tenant_id = current_tenant())', t);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO tallymark_app', t);
    END LOOP;
END $$;

GRANT USAGE ON SCHEMA tallymark TO tallymark_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON tenants, users, memberships TO tallymark_app;
