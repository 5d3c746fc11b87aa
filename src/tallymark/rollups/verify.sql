-- primary_key --
-- The columns that tell a row of a table, in their order.
SELECT a.attname::text
FROM pg_index i
CROSS JOIN unnest(i.indkey) WITH ORDINALITY AS k (attnum, place)
JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
WHERE i.indrelid = ('tallymark.' || %(table)s)::regclass AND i.indisprimary AND k.place <= i.indnkeyatts
ORDER BY k.place
