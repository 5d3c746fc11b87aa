-- create_user --
-- Why: one person has one account, however many shops; an address that exists is left as it is and nothing comes back.
INSERT INTO users (email, password_hash) VALUES (%(email)s, %(password_hash)s)
ON CONFLICT (email) DO NOTHING
RETURNING user_id, session_epoch

-- join_tenant --
-- Why: a person is somebody in a shop; joining again changes the role.
INSERT INTO memberships (tenant_id, user_id, role) VALUES (%(tenant_id)s, %(user_id)s, %(role)s)
ON CONFLICT (tenant_id, user_id) DO UPDATE SET role = excluded.role

-- credentials --
-- Why: what signing in compares with.
SELECT user_id, email, session_epoch, password_hash FROM users WHERE email = %(email)s

-- replace_hash --
-- Why: a hash made with yesterday's parameters is renewed when its password is at hand.
UPDATE users SET password_hash = %(password_hash)s WHERE user_id = %(user_id)s

-- user_by_email --
-- Why: the command line knows people by their address.
SELECT user_id, email, session_epoch FROM users WHERE email = %(email)s

-- session --
-- Why: every request with a token asks whether the session still stands, and which shops are open to it.
SELECT u.user_id, u.email, u.session_epoch, t.tenant_id, t.slug, t.name, t.timezone, t.currency, m.role
FROM users u
LEFT JOIN memberships m USING (user_id)
LEFT JOIN tenants t ON t.tenant_id = m.tenant_id AND t.active
WHERE u.user_id = %(user_id)s
ORDER BY t.slug

-- members --
-- Why: an admin sees who belongs to the shop, and who has not been there for long.
SELECT u.user_id, u.email, m.role, u.created_at,
    (SELECT max(s.at) FROM sign_ins s WHERE s.user_id = u.user_id AND s.outcome = 'ok') AS last_signed_in
FROM memberships m
JOIN users u USING (user_id)
WHERE m.tenant_id = %(tenant_id)s
ORDER BY u.email

-- admins --
-- Why: a shop without an admin could not be managed any more.
SELECT user_id FROM memberships WHERE tenant_id = %(tenant_id)s AND role = 'admin' FOR UPDATE

-- change_role --
-- Why: what somebody may do changes with their work.
UPDATE memberships m SET role = %(role)s FROM users u
WHERE m.tenant_id = %(tenant_id)s AND m.user_id = %(user_id)s AND u.user_id = m.user_id
RETURNING u.email

-- leave_tenant --
-- Why: who leaves a shop is out of it at once.
DELETE FROM memberships m USING users u
WHERE m.tenant_id = %(tenant_id)s AND m.user_id = %(user_id)s AND u.user_id = m.user_id
RETURNING u.email

-- set_password --
-- Why: whoever knew the old one is out.
UPDATE users SET password_hash = %(password_hash)s, session_epoch = session_epoch + 1 WHERE user_id = %(user_id)s
