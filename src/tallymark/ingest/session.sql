-- The session's own settings that a load changes while it works, and gives back.

-- read --
-- What they were.
SELECT current_setting('timezone') AS timezone,
       current_setting('default_statistics_target') AS statistics,
       current_setting('enable_nestloop') AS nestloop,
       current_setting('enable_material') AS material,
       current_setting('enable_hashjoin') AS hashjoin,
       current_setting('enable_mergejoin') AS mergejoin;

-- write --
-- Until the transaction ends, or the next of these.
SELECT set_config('timezone', %(timezone)s, true),
       set_config('default_statistics_target', %(statistics)s, true),
       set_config('enable_nestloop', %(nestloop)s, true),
       set_config('enable_material', %(material)s, true),
       set_config('enable_hashjoin', %(hashjoin)s, true),
       set_config('enable_mergejoin', %(mergejoin)s, true);
