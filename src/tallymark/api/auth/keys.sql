-- create --
-- Why: a program signs in without a person's password.
INSERT INTO api_keys (tenant_id, name, secret_hash, ending, role, scopes, created_by, expires_at)
VALUES (%(tenant)s, %(name)s, %(hash)s, %(ending)s, %(role)s, %(scopes)s, %(by)s, %(expires)s)
RETURNING key_id, name, ending, role, scopes, created_by, created_at, expires_at, used_at

-- list --
-- Why: an admin sees which keys are about.
SELECT key_id, name, ending, role, scopes, created_by, created_at, expires_at, used_at
FROM api_keys WHERE tenant_id = %(tenant)s AND revoked_at IS NULL ORDER BY key_id

-- revoke --
-- Why: a key that is lost must open nothing; its name stays for the log.
UPDATE api_keys SET revoked_at = now() WHERE tenant_id = %(tenant)s AND key_id = %(key)s AND revoked_at IS NULL RETURNING name

-- find --
-- Why: what a program may do that shows a key, in which shop; and whether its use is to be noted again.
SELECT k.name, k.role, k.scopes, t.tenant_id, t.slug, t.name, t.timezone, t.currency,
    k.key_id, k.used_at IS NULL OR k.used_at < now() - interval '5 minutes'
FROM api_keys k
JOIN tenants t ON t.tenant_id = k.tenant_id AND t.active
WHERE k.tenant_id = %(tenant)s AND k.secret_hash = %(hash)s
  AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now())

-- used --
-- Why: a key that nobody uses can go.
UPDATE api_keys SET used_at = now() WHERE tenant_id = %(tenant)s AND key_id = %(key)s
