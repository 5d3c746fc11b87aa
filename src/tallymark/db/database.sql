-- begin --
-- The first statement of every transaction. All of it ends with the transaction, and the role is said again
-- because a transaction pooler may have put us on a connection that another program set up.
SELECT set_config('role', 'tallymark_app', true),
       set_config('search_path', 'tallymark, public', true),
       set_config('tallymark.tenant', %(tenant)s, true),
       set_config('statement_timeout', %(statement_timeout)s, true),
       set_config('lock_timeout', %(lock_timeout)s, true);

-- configure --
-- Once for each new connection of a pool.
SELECT set_config('role', 'tallymark_app', false),
       set_config('search_path', 'tallymark, public', false),
       set_config('timezone', 'UTC', false),
       set_config('idle_in_transaction_session_timeout', %(idle)s, false),
       -- What a killed process was about ends soon, and its locks with it; only Linux can tell that it is gone.
       CASE WHEN version() ~ 'linux' THEN set_config('client_connection_check_interval', '5s', false) END;

-- written --
-- How far the primary has come.
SELECT pg_current_wal_lsn()::text;

-- replayed --
-- Whether a server follows another, and has come as far as that was.
SELECT pg_is_in_recovery(), pg_last_wal_replay_lsn() >= %(written)s::pg_lsn;

-- unlock --
-- A connection goes back to the pool without what its borrower locked.
SELECT pg_advisory_unlock_all();
