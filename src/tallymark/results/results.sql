-- publish --
-- The current answer to one question, replaced whole.
INSERT INTO analytics_cache (
    tenant_id, metric_type, platform, parameters, resolved, definition, calculated_data, warnings, computation_time_ms,
    data_period_start, data_period_end, data_through, version, computed_at)
VALUES (
    %(tenant)s, %(metric)s, %(platform)s, %(parameters)s, %(resolved)s, %(definition)s, %(data)s, %(warnings)s, %(computation_ms)s,
    %(period_start)s, %(period_end)s, %(data_through)s, %(version)s, %(now)s)
ON CONFLICT (tenant_id, metric_type, platform, parameters) DO UPDATE SET
    resolved = EXCLUDED.resolved, definition = EXCLUDED.definition, calculated_data = EXCLUDED.calculated_data, warnings = EXCLUDED.warnings,
    computation_time_ms = EXCLUDED.computation_time_ms, data_period_start = EXCLUDED.data_period_start,
    data_period_end = EXCLUDED.data_period_end, data_through = EXCLUDED.data_through, version = EXCLUDED.version,
    computed_at = EXCLUDED.computed_at, outdated = false, failed_at = NULL, failure = NULL

-- keep_last_good --
-- A failed evaluation is noted beside the last good figures, which stay.
UPDATE analytics_cache SET failed_at = %(now)s, failure = %(failure)s, outdated = false
WHERE tenant_id = %(tenant)s AND metric_type = %(metric)s AND platform = %(platform)s AND parameters = %(parameters)s

-- read_many --
-- Stored answers by their questions. JSON comes as text, so that its decimals keep their digits.
SELECT
    metric_type AS metric, platform, parameters, resolved, definition, calculated_data::text AS json, warnings::text AS warnings,
    computation_time_ms AS computation_ms, data_period_start AS period_start, data_period_end AS period_end,
    data_through, version, computed_at, outdated, failed_at, failure
FROM analytics_cache
JOIN unnest(%(metrics)s::text[], %(parameters)s::text[]) AS asked (metric, params)
    ON metric_type = asked.metric AND parameters = asked.params
WHERE tenant_id = %(tenant)s AND platform = %(platform)s

-- stored_windows --
-- Which days every stored answer is about, to find those whose window has moved.
SELECT metric_type, platform, parameters, definition, CASE WHEN failed_at IS NULL AND NOT outdated THEN resolved END
FROM analytics_cache
WHERE tenant_id = %(tenant)s

-- outdate --
-- Answers that a later publication has left behind until their turn comes.
UPDATE analytics_cache a SET outdated = true
FROM unnest(%(metrics)s::text[], %(platforms)s::text[], %(parameters)s::text[]) AS r (metric, platform, params)
WHERE tenant_id = %(tenant)s AND metric_type = r.metric AND a.platform = r.platform AND a.parameters = r.params AND NOT outdated

-- retire --
-- An answer that no refresh keeps ready any more would go on looking current.
DELETE FROM analytics_cache a
USING unnest(%(metrics)s::text[], %(platforms)s::text[], %(parameters)s::text[]) AS r (metric, platform, params)
WHERE tenant_id = %(tenant)s AND metric_type = r.metric AND a.platform = r.platform AND a.parameters = r.params

-- newest_snapshots --
-- What the figures of some metrics were when they last differed.
SELECT asked.metric, asked.platform, newest.data
FROM unnest(%(metrics)s::text[], %(platforms)s::text[]) AS asked (metric, platform)
CROSS JOIN LATERAL (
    SELECT calculated_data::text AS data
    FROM analytics_history h
    WHERE h.tenant_id = %(tenant)s AND h.metric_type = asked.metric AND h.platform = asked.platform
    ORDER BY h.version DESC
    LIMIT 1) newest

-- snapshot --
-- How the figures stand at this version; a version that is computed again keeps its last figures.
INSERT INTO analytics_history (tenant_id, metric_type, platform, version, calculated_data, snapshot_date, created_at)
VALUES (%(tenant)s, %(metric)s, %(platform)s, %(version)s, %(data)s, %(day)s, %(now)s)
ON CONFLICT (tenant_id, metric_type, platform, version) DO UPDATE SET
    calculated_data = EXCLUDED.calculated_data, snapshot_date = EXCLUDED.snapshot_date, created_at = EXCLUDED.created_at

-- history --
-- How the figures of a metric have moved.
SELECT metric_type AS metric, platform, version, snapshot_date AS day, calculated_data::text AS data, created_at
FROM analytics_history
WHERE tenant_id = %(tenant)s AND metric_type = %(metric)s AND platform = %(platform)s
  AND snapshot_date BETWEEN coalesce(%(first)s::date, '-infinity') AND coalesce(%(last)s::date, 'infinity')
ORDER BY version

-- note_timings --
-- How long the evaluations of one refresh took, added to those of the day; days of more than a month ago are let go.
WITH old AS (
    DELETE FROM metric_timings WHERE tenant_id = %(tenant)s AND day < %(day)s::date - 30)
INSERT INTO metric_timings AS t (tenant_id, metric_type, day, evaluations, total_ms, longest_ms, slow)
SELECT %(tenant)s, metric, %(day)s, count(*), sum(ms), max(ms), count(*) FILTER (WHERE ms > %(slow_ms)s)
FROM unnest(%(metrics)s::text[], %(milliseconds)s::double precision[]) AS evaluated (metric, ms)
GROUP BY metric
ON CONFLICT (tenant_id, metric_type, day) DO UPDATE SET
    evaluations = t.evaluations + EXCLUDED.evaluations, total_ms = t.total_ms + EXCLUDED.total_ms,
    longest_ms = greatest(t.longest_ms, EXCLUDED.longest_ms), slow = t.slow + EXCLUDED.slow

-- timings --
-- How long each metric took over the last 30 days, the slowest first.
SELECT metric_type AS metric, sum(evaluations)::bigint AS evaluations, sum(total_ms) / sum(evaluations) AS average_ms,
    max(longest_ms) AS longest_ms, sum(slow)::bigint AS slow
FROM metric_timings
WHERE tenant_id = %(tenant)s AND day > %(day)s::date - 30
GROUP BY metric_type
ORDER BY longest_ms DESC, metric_type
