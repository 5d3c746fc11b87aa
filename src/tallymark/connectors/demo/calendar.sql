-- When the shop sells how much, and where the randomness comes from. Every statement here is run once, in this order.

-- u --
-- Why: a number in [0, 1) that depends on the seed, the platform, a purpose and a row, and on nothing else.
-- DuckDB's own random() depends on how its threads share the work. Hashed twice: the first only XORs its arguments'
-- hashes together, which leaves the numbers of one row for two purposes visibly related.
CREATE MACRO u(i, purpose) AS
    (hash(hash(getvariable('seed'), getvariable('platform'), purpose, i)) >> 11)::DOUBLE / 9007199254740992.0;

-- bell --
-- Why: noise around 0 with deviation 1, never beyond 3: the sum of three even numbers is bell enough.
CREATE MACRO bell(i, purpose) AS
    2 * (u(i, purpose || ' 1') + u(i, purpose || ' 2') + u(i, purpose || ' 3')) - 3;

-- platforms --
-- Why: who sells how much and how fast it grows from year to year.
CREATE TABLE platforms AS
SELECT 'shopify' AS platform, 1.28 AS growth, getvariable('shopify_orders') AS orders
UNION ALL
SELECT 'amazon', 1.45, getvariable('amazon_orders');

-- campaigns --
-- Why: days on which more is bought, most of it reduced by so many percent; and the holidays on which less is.
CREATE TABLE campaigns AS
WITH years AS (
    SELECT make_date(y, 1, 1) AS new_year, make_date(y, 3, 18) AS spring, make_date(y, 7, 8) AS summer,
           make_date(y, 11, 23) + ((12 - isodow(make_date(y, 11, 23))) % 7)::INTEGER AS friday,
           make_date(y, 12, 25) AS christmas
    FROM range(year(getvariable('opens')) - 1, year(getvariable('until')) + 2) r (y)
)
SELECT new_year AS first_day, new_year AS last_day, 0.50 AS uplift, 0 AS percent FROM years
UNION ALL SELECT new_year + 2, new_year + 8, 1.25, 20 FROM years
UNION ALL SELECT spring, spring + 6, 1.25, 15 FROM years
UNION ALL SELECT summer, summer + 13, 1.30, 20 FROM years
UNION ALL SELECT friday - 4, friday - 1, 1.35, 15 FROM years
UNION ALL SELECT friday, friday, 3.00, 30 FROM years
UNION ALL SELECT friday + 1, friday + 2, 1.70, 20 FROM years
UNION ALL SELECT friday + 3, friday + 3, 2.40, 25 FROM years
UNION ALL SELECT christmas - 5, christmas - 1, 0.75, 0 FROM years
UNION ALL SELECT christmas, christmas, 0.35, 0 FROM years;

-- hours --
-- Why: each hour the shop has been open, with the day and hour its own clock showed. Stepping through UTC leaves
-- out the hour that is skipped in spring and has the one repeated in autumn twice. The last hour may be cut short.
CREATE TABLE hours AS
SELECT starts, local::DATE AS day, hour(local) AS hour,
       datediff('month', getvariable('first_day'), local::DATE) AS month,
       least(3600, floor(epoch(getvariable('until') - starts)))::BIGINT AS seconds
FROM (SELECT starts, (starts AT TIME ZONE 'UTC') AT TIME ZONE getvariable('timezone') AS local
      FROM range(getvariable('opens'), getvariable('until'), INTERVAL 1 HOUR) r (starts));

-- days --
-- Why: what a day is worth: the year's course, drawn from the middle of one month to the middle of the next, the
-- weekday, and the campaign. One day in eighty is a flash sale.
CREATE TABLE days AS
WITH dated AS (
    SELECT day, u(epoch(day), 'flash') < 0.0125 AS flash,
           datediff('day', getvariable('first_day'), day) / 365.25 AS years,
           month(day) + 11 + (day(day) - 15) / 30.0 AS middle,
           [0.90, 0.87, 0.93, 0.96, 1.00, 0.96, 0.85, 0.82, 0.95, 1.05, 1.25, 1.38] AS course,
           [1.08, 1.03, 1.00, 1.00, 0.96, 0.88, 1.05][isodow(day)] AS weekday
    FROM (SELECT DISTINCT day FROM hours)
)
SELECT day, years, coalesce(percent, CASE WHEN flash THEN 15 ELSE 0 END) AS percent,
       coalesce(uplift, CASE WHEN flash THEN 1.5 ELSE 1 END) * weekday
           * (course[floor(middle)::INTEGER % 12 + 1] * (1 - middle % 1)
              + course[ceil(middle)::INTEGER % 12 + 1] * (middle % 1)) AS weight
FROM dated LEFT JOIN campaigns ON day BETWEEN first_day AND last_day;

-- cells --
-- Why: which orders fall into each hour of a platform. They are numbered in the order of time, so sharing a running
-- total of weights out gives exactly the number asked for. Weights are whole numbers: a sum of floating-point numbers
-- would depend on how threads share the work. The fewer orders a day, the rougher its days.
CREATE TABLE cells AS
WITH weighed AS (
    SELECT platform, orders, month, starts, seconds, day, percent,
           (1e5 * weight * growth ** years
            * [0.25, 0.14, 0.09, 0.07, 0.08, 0.14, 0.32, 0.60, 0.85, 1.02, 1.12, 1.15, 1.18, 1.10, 1.05, 1.02, 1.02, 1.06,
               1.15, 1.35, 1.50, 1.40, 0.98, 0.55][hour + 1]
            * exp((0.08 + 0.6 / sqrt(orders / (30.4 * getvariable('months')))) * bell(epoch(day), 'day ' || platform))
            * (0.5 + u(epoch(starts), 'hour ' || platform)) * seconds / 3600)::BIGINT AS weight
    FROM hours JOIN days USING (day) CROSS JOIN platforms
), summed AS (
    SELECT *, sum(weight) OVER (PARTITION BY platform ORDER BY starts)::BIGINT AS through,
           sum(weight) OVER (PARTITION BY platform)::BIGINT AS total
    FROM weighed
)
SELECT platform, month, starts, seconds, day, percent,
       (through - weight) * orders // total AS first_order, through * orders // total AS next_order,
       weight * orders / total AS expected
FROM summed;

-- tracked --
-- Why: the visits of each hour that was tracked: those of the last thirty days, which is how long their records are kept.
-- Where there are too many, fewer days are kept rather than fewer visits, so that a day's visits always go with its
-- orders. On some days more of those who come buy than on others. Only the shop's own pages can be watched.
CREATE TABLE tracked AS
WITH visited AS (
    SELECT month, day, starts, seconds, first_order, day = today AS running,
           (1000 * expected / getvariable('conversion') * (0.8 + 0.4 * u(epoch(day), 'traffic')))::BIGINT AS visits
    FROM cells JOIN (SELECT max(day) AS today FROM hours) ON day > today - getvariable('tracked_days')
    WHERE platform = 'shopify'
), counted AS (
    SELECT *, sum(visits) OVER (ORDER BY day DESC)::BIGINT AS since FROM visited
), kept AS (
    SELECT *, sum(visits) OVER (ORDER BY starts)::BIGINT AS through FROM counted
    WHERE since <= 1000 * getvariable('most_visits') OR running
)
SELECT month, starts, seconds, first_order, (through - visits) // 1000 AS first_visit, through // 1000 AS next_visit
FROM kept;

-- runs --
-- Why: the months of a part that are made together: few at a time where there is much to make, so that memory stays
-- flat.
CREATE TABLE runs AS
WITH months AS (
    SELECT platform, month, sum(next_order - first_order) AS orders FROM cells GROUP BY platform, month
), summed AS (
    SELECT platform, month, sum(orders) OVER (PARTITION BY platform ORDER BY month) AS through FROM months
)
SELECT platform AS part, min(month) AS first_month, max(month) AS last_month
FROM summed GROUP BY platform, (through - 1) // 60000
UNION ALL
SELECT 'visits', min(month), max(month) FROM tracked;
