-- open --
-- Why: signing in begins a session; sessions that are over go at the same time.
WITH over AS (
    DELETE FROM sessions
    WHERE user_id = %(user)s AND (created_at < now() - %(longest)s OR seen_at < now() - %(idle)s))
INSERT INTO sessions (secret_hash, user_id, session_epoch) VALUES (%(hash)s, %(user)s, %(epoch)s)

-- find --
-- Why: whom a cookie stands for, and whether it is time to note that they were seen.
SELECT user_id, session_epoch, seen_at < now() - interval '5 minutes'
FROM sessions
WHERE secret_hash = %(hash)s AND created_at >= now() - %(longest)s AND seen_at >= now() - %(idle)s

-- seen --
-- Why: a session that is used does not fall idle.
UPDATE sessions SET seen_at = now() WHERE secret_hash = %(hash)s

-- close --
-- Why: signing out.
DELETE FROM sessions WHERE secret_hash = %(hash)s

-- grant --
-- Why: a program may go on without the password; families that are over go at the same time.
WITH over AS (DELETE FROM refresh_tokens WHERE user_id = %(user)s AND created_at < now() - %(longest)s)
INSERT INTO refresh_tokens (secret_hash, family, user_id, session_epoch) VALUES (%(hash)s, %(family)s, %(user)s, %(epoch)s)

-- use --
-- Why: of two that come with the same token, one is first.
UPDATE refresh_tokens SET used_at = now()
WHERE secret_hash = %(hash)s AND used_at IS NULL AND created_at >= now() - %(longest)s
RETURNING family, user_id, session_epoch

-- end_family --
-- Why: a token that comes again after its use is in two hands, and nobody knows which is the thief's.
DELETE FROM refresh_tokens WHERE family = (SELECT family FROM refresh_tokens WHERE secret_hash = %(hash)s)
