-- Rollups that are made anew for whole local days. `claimed_day` names the days, `happened` holds their rows of one base
-- table, each with its `day`.

-- days_of_changes --
-- The local days that the instants of changed rows fall on.
SELECT DISTINCT (i AT TIME ZONE %(timezone)s)::date AS day FROM unnest(%(instants)s::timestamptz[]) AS i

-- rows_of_days --
-- The rows of single days. The bounds only find them: where midnight comes twice a day begins before the instant that its
-- date alone would give, and where clocks go back at midnight it begins after.
SELECT d.day, r.* FROM claimed_day d
CROSS JOIN LATERAL (
    SELECT * FROM {source} r
    WHERE r.tenant_id = %(tenant)s
      AND r.{instant} >= least(d.day::timestamp AT TIME ZONE %(timezone)s, (d.day::timestamp - interval '2 hours') AT TIME ZONE %(timezone)s)
      AND r.{instant} < (d.day + 1 + interval '2 hours') AT TIME ZONE %(timezone)s
      AND (r.{instant} AT TIME ZONE %(timezone)s)::date = d.day
    OFFSET 0) r

-- rows_of_a_month --
-- The rows of a whole local month, for a build.
SELECT (r.{instant} AT TIME ZONE %(timezone)s)::date AS day, r.* FROM {source} r
WHERE r.tenant_id = %(tenant)s AND r.{instant} >= %(first)s AND r.{instant} < %(last)s

-- redo --
-- One rollup: what its days hold now, what they held, and only the difference written.
{name}_new AS MATERIALIZED ({definition}),
{name}_old AS MATERIALIZED (SELECT {columns} FROM {name} JOIN claimed_day USING (day) WHERE tenant_id = %(tenant)s),
{name}_gone AS (
    DELETE FROM {name} t USING (SELECT {keys} FROM {name}_old EXCEPT SELECT {keys} FROM {name}_new) g
    WHERE t.tenant_id = %(tenant)s AND {same}),
{name}_put AS (
    INSERT INTO {name} (tenant_id, {columns})
    SELECT %(tenant)s, {columns} FROM (SELECT {columns} FROM {name}_new EXCEPT SELECT {columns} FROM {name}_old) n
    ON CONFLICT (tenant_id, {keys}) DO UPDATE SET {replaced})

-- place --
-- The same for days of which nothing is kept yet.
{name}_put AS (INSERT INTO {name} (tenant_id, {columns}) SELECT %(tenant)s, {columns} FROM ({definition}) n)

-- span --
-- From the first row of any of these tables to the last.
SELECT min(first), max(last) FROM ({spans}) s

-- span_of --
-- One table's part of it.
SELECT min({instant}) AS first, max({instant}) AS last FROM {source} WHERE tenant_id = %(tenant)s

-- expense_day --
-- Expenses by category.
SELECT day, platform, category, sum(amount) AS amount, count(*) AS expenses FROM happened GROUP BY day, platform, category

-- activity_day --
-- What visitors did, by kind; kind 'all' holds each visitor and user of the day once.
SELECT day, platform, coalesce(kind, 'all') AS kind, count(*) AS events, count(DISTINCT visitor_id) AS visitors, count(DISTINCT user_id) AS users
FROM happened GROUP BY GROUPING SETS ((day, platform, kind), (day, platform))

-- activity_hour --
-- The same by local hour, all kinds together.
SELECT day, extract(hour FROM occurred_at AT TIME ZONE %(timezone)s)::smallint AS hour, platform, count(*) AS events,
    count(*) FILTER (WHERE kind = 'visit') AS visits, count(DISTINCT visitor_id) AS visitors
FROM happened GROUP BY 1, 2, 3

-- item_day --
-- How often each product was looked at, put into a cart and taken to the checkout.
SELECT day, platform, product_id, count(*) FILTER (WHERE kind = 'view') AS views, count(*) FILTER (WHERE kind = 'cart') AS carts,
    count(*) FILTER (WHERE kind = 'checkout') AS checkouts
FROM happened WHERE product_id IS NOT NULL AND kind IN ('view', 'cart', 'checkout') GROUP BY day, platform, product_id

-- signup_day --
-- Customers by the day they came into being.
SELECT day, platform, count(*) AS customers FROM happened GROUP BY day, platform
