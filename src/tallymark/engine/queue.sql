-- configure --
-- Once for each connection of the queue: our role, which sees no tenant's rows, and the schema that the queue lives in.
SELECT set_config('role', 'tallymark_app', false),
       set_config('search_path', 'tallymark_jobs', false),
       set_config('timezone', 'UTC', false),
       set_config('statement_timeout', '10000', false),
       set_config('idle_in_transaction_session_timeout', '60000', false);
