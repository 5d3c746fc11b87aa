-- How people and programs stay signed in, and what they did.
-- Secrets are kept as SHA-256 of 256 random bits, so a copy of this database opens nothing.

-- A browser's session: the cookie holds its secret. Like users, read before a tenant is known.
CREATE TABLE sessions (
    secret_hash   bytea PRIMARY KEY,
    user_id       integer NOT NULL REFERENCES users ON DELETE CASCADE,
    session_epoch integer NOT NULL,                 -- the user's, when the session began
    created_at    timestamptz NOT NULL DEFAULT now(),
    seen_at       timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX sessions_user ON sessions (user_id);

-- A program's refresh tokens: each is used once, for the next of its family. One used twice was stolen: the family ends.
CREATE TABLE refresh_tokens (
    secret_hash   bytea PRIMARY KEY,
    family        uuid NOT NULL,
    user_id       integer NOT NULL REFERENCES users ON DELETE CASCADE,
    session_epoch integer NOT NULL,
    created_at    timestamptz NOT NULL DEFAULT now(),
    used_at       timestamptz
);
CREATE INDEX refresh_tokens_family ON refresh_tokens (family);
CREATE INDEX refresh_tokens_user ON refresh_tokens (user_id);

-- Every attempt to sign in to an account that exists. Rows are only ever added.
CREATE TABLE sign_ins (
    user_id integer NOT NULL REFERENCES users ON DELETE CASCADE,
    at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    outcome text NOT NULL CHECK (outcome IN ('ok', 'wrong password')),
    address text NOT NULL
);
CREATE INDEX sign_ins_of_user ON sign_ins (user_id, at);
GRANT SELECT, INSERT, UPDATE, DELETE ON sessions, refresh_tokens TO tallymark_app;
GRANT SELECT, INSERT ON sign_ins TO tallymark_app;

-- Keys of programs: what they may do is their role and, of that, their scopes.
CREATE TABLE api_keys (
    tenant_id   integer NOT NULL REFERENCES tenants ON DELETE CASCADE,
    key_id      integer GENERATED ALWAYS AS IDENTITY,
    name        text NOT NULL,
    secret_hash bytea NOT NULL,
    ending      text NOT NULL,                      -- its last characters, to be told from others
    role        text NOT NULL CHECK (role IN ('admin', 'analyst', 'viewer')),
    scopes      text[] NOT NULL,
    created_by  text NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    expires_at  timestamptz,
    used_at     timestamptz,
    revoked_at  timestamptz,
    PRIMARY KEY (tenant_id, key_id),
    UNIQUE (tenant_id, secret_hash)
);

-- What was done in a shop, by whom: rows are only ever added.
CREATE TABLE audit_log (
    tenant_id integer NOT NULL REFERENCES tenants ON DELETE CASCADE,
    entry_id  bigint GENERATED ALWAYS AS IDENTITY,
    at        timestamptz NOT NULL DEFAULT clock_timestamp(),
    actor     text NOT NULL,                        -- an email, `key NAME`, or `command line`
    action    text NOT NULL,                        -- user.create, refresh, …
    subject   text NOT NULL,                        -- what it was done to
    details   json NOT NULL DEFAULT '{}',
    address   text NOT NULL DEFAULT '',
    PRIMARY KEY (tenant_id, entry_id)
);
CREATE INDEX audit_log_by_time ON audit_log (tenant_id, at);

SELECT isolate_tenant(ARRAY['api_keys', 'audit_log']::regclass[]);
REVOKE UPDATE, DELETE ON audit_log FROM tallymark_app;
