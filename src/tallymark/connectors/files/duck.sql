-- How DuckDB reads a file, and how it prints what it read. Braces are filled with names and paths, already quoted.

-- delimited --
-- Every column as text: what DuckDB would take for a number loses its zeros in front.
read_csv({path}, auto_detect = false, header = true, delim = {delimiter}, quote = '"', escape = '"', columns = {{{columns}}})

-- documents --
-- A list of objects, or one object a line.
read_json_auto({path}, sample_size = -1)

-- parquet --
-- Typed by the file itself.
read_parquet({path})

-- excel --
-- The first sheet.
read_xlsx({path}, header = true)

-- table --
-- All of a file, or of a view of it.
SELECT * FROM {reader}

-- traced --
-- The same, each row with where it came from; `first` tells the files apart.
SELECT *, {first} + row_number() OVER () AS {column} FROM {reader}

-- rows --
-- How many there are; a table with a directory of its own says so without being read.
SELECT count(*) FROM {reader}

-- row --
-- Each row as one line of CSV, and where it came from.
SELECT {values}, {place} FROM ({query}
) records

-- text --
-- Always in quotes; a missing value is nothing at all.
coalesce('"' || replace({value}::VARCHAR, '"', '""') || '"', '')

-- decimal_text --
-- What a data frame keeps as 17850.0 was 17850, and its NaN a missing value.
coalesce(CASE WHEN isnan({value}) THEN NULL
              WHEN {value} = trunc({value}) AND abs({value}) < 1e15 THEN {value}::BIGINT::VARCHAR
              ELSE {value}::VARCHAR END, '')
