-- record --
-- Why: who did what is written where it is done, and in the same transaction.
INSERT INTO audit_log (tenant_id, actor, action, subject, details, address)
VALUES (%(tenant)s, %(actor)s, %(action)s, %(subject)s, %(details)s, %(address)s)

-- signed_in --
-- Why: signing in is nobody's shop's, so it is kept with the person.
INSERT INTO sign_ins (user_id, outcome, address) VALUES (%(user)s, %(outcome)s, %(address)s)

-- entries --
-- Why: what happened in a shop, and who of its people signed in, newest first. Sign-ins are numbered downwards from
-- zero: no two entries have the same number, so those of one instant have an order and none is lost between pages.
SELECT at, number, actor, action, subject, details, address
FROM (
    SELECT at, entry_id AS number, actor, action, subject, details::text AS details, address
    FROM audit_log
    WHERE tenant_id = %(tenant)s
    UNION ALL
    SELECT s.at, -s.sign_in_id, u.email, 'sign-in', u.email, json_build_object('outcome', s.outcome)::text, s.address
    FROM sign_ins s
    JOIN memberships m ON m.user_id = s.user_id AND m.tenant_id = %(tenant)s
    JOIN users u ON u.user_id = s.user_id) entries
WHERE (at, number) < (coalesce(%(at)s::timestamptz, 'infinity'), %(number)s::bigint)
  AND (%(action)s::text IS NULL OR action = %(action)s)
ORDER BY at DESC, number DESC
LIMIT %(limit)s
