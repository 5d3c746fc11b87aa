-- note --
-- Questions that were asked since the last note; of what was asked before, half counts for each day that has passed.
INSERT INTO asked_questions AS a (tenant_id, metric, platform, parameters, asked)
SELECT %(tenant)s, metric, platform, params, asked
FROM unnest(%(metrics)s::text[], %(platforms)s::text[], %(parameters)s::text[], %(asked)s::double precision[]) AS n (metric, platform, params, asked)
ON CONFLICT (tenant_id, metric, platform, parameters) DO UPDATE SET last_at = clock_timestamp(),
    asked = EXCLUDED.asked + a.asked * 0.5 ^ (extract(epoch FROM clock_timestamp() - a.last_at) / 86400)

-- trim --
-- What was not asked for a week goes, and of the rest all but those asked most.
DELETE FROM asked_questions a
WHERE tenant_id = %(tenant)s AND (last_at < clock_timestamp() - interval '7 days' OR (metric, platform, parameters) IN (
    SELECT metric, platform, parameters FROM asked_questions k WHERE k.tenant_id = %(tenant)s
    ORDER BY asked DESC, last_at DESC OFFSET %(most)s))

-- asked --
-- What was asked more than once within a week, the most asked first.
SELECT metric, platform, parameters FROM asked_questions
WHERE tenant_id = %(tenant)s AND last_at > clock_timestamp() - interval '7 days' AND asked > 1
ORDER BY asked DESC, last_at DESC LIMIT %(most)s

-- asking --
-- Whom people ask about.
SELECT t.tenant_id, t.slug, t.name, t.timezone, t.currency
FROM tenants_asking(%(most)s) WITH ORDINALITY AS a (tenant_id, place) JOIN tenants t USING (tenant_id) ORDER BY place
