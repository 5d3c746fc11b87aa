-- prepare --
-- Each question is planned for its own days, on one core: on a busy server that is the fastest for all.
SELECT set_config('plan_cache_mode', 'force_custom_plan', true),
       set_config('max_parallel_workers_per_gather', '0', true),
       set_config('jit', 'off', true);
