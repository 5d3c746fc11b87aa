-- member --
-- Whether a user belongs to a tenant.
SELECT role FROM memberships WHERE user_id = %(user)s AND tenant_id = %(tenant)s
