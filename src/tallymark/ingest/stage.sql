-- From a stream of text to typed rows in temporary tables, and the rows that cannot be taken.
-- COPY cannot write into a table with row security, and a row has to be read whole to say all that is wrong with it.

-- tenant --
-- Whose rows they are, and which clock their local times follow.
SELECT tenant_id, timezone FROM tenants WHERE tenant_id = current_tenant();

-- bad_rows --
-- Everything wrong with any row; position is that of the column within its kind. What contradicts another row names that one.
CREATE TEMP TABLE bad_rows (file integer, line bigint, position integer, column_name text, reason text, other_file integer, other_line bigint)
ON COMMIT DROP;

-- staged --
-- The rows as they come.
CREATE TEMP TABLE {staged} (file integer, line bigint, {columns}) ON COMMIT DROP;

-- set_file --
-- So that COPY marks each row with the file it comes from.
ALTER TABLE {staged} ALTER file SET DEFAULT {file};

-- copy --
-- An empty value is a missing one, quoted or not.
COPY {staged} (line, {columns}) FROM STDIN (FORMAT csv, FORCE_NULL ({columns}));

-- incoming --
-- The rows that can be taken, typed.
CREATE TEMP TABLE {incoming} ON COMMIT DROP AS SELECT file, line, {values} FROM {staged} WHERE {good};

-- note_bad_values --
-- The others: each wrong value with its reason.
INSERT INTO bad_rows
SELECT s.file, s.line, wrong.*
FROM (SELECT * FROM {staged} WHERE NOT ({good})) s
CROSS JOIN LATERAL (VALUES {verdicts}) AS wrong (position, column_name, reason)
WHERE wrong.reason IS NOT NULL;

-- verdict --
-- What is wrong with one value, or null.
({position}, {name}, CASE WHEN {value} IS NULL THEN {missing} WHEN NOT ({ok}) THEN quote_literal(left({value}, 60)) || {reason} END)

-- note_bad_instants --
-- A mistyped year; orders could not even be stored outside these.
INSERT INTO bad_rows
SELECT file, line, {position}, {name}, 'is outside the years 1970 to 2199'
FROM {incoming}
WHERE {value} < '1970-01-01Z' OR {value} >= '2200-01-01Z';

-- repeated --
-- Keys that occur more than once, each with the row that stands for it.
CREATE TEMP TABLE repeated ON COMMIT DROP AS
SELECT DISTINCT ON ({key}) *
FROM {incoming}
JOIN (SELECT {key} FROM {incoming} GROUP BY {key} HAVING count(*) > 1) twice USING ({key})
ORDER BY {order};

-- note_contradictions --
-- The same record twice, saying different things: nobody can know which is right.
INSERT INTO bad_rows
SELECT i.file, i.line, 0, {key_names}, concat_ws(', ', {key_values}), r.file, r.line
FROM {incoming} i JOIN repeated r USING ({key})
WHERE (i.file, i.line) <> (r.file, r.line) AND {rival} AND ({given}) IS DISTINCT FROM ({kept});

-- drop_repeats --
-- One row stands for all that say the same.
DELETE FROM {incoming} i USING repeated r WHERE {same_key} AND (i.file, i.line) <> (r.file, r.line);

-- index --
-- Lets a small batch be found by its keys, whichever side the planner begins at.
CREATE INDEX ON {table} ({key});

-- analyze --
-- The planner knows nothing of a table this young, and asks only about the keys it joins by.
ANALYZE {table} ({key});

-- count_bad_rows --
-- Rows, not values: one row can be wrong in several ways.
SELECT count(*) FROM (SELECT DISTINCT file, line FROM bad_rows) rows;

-- first_bad_rows --
-- What is shown of them.
SELECT file, line, column_name, reason, other_file, other_line FROM bad_rows ORDER BY file, line, position LIMIT %(shown)s;

-- drop --
-- A transaction may load several batches.
DROP TABLE IF EXISTS {tables};
