-- What a text must look like to be a value of a type (…_ok), and how it becomes one (…_value).
-- No bounded repetition in the patterns: PostgreSQL matches `[0-9]+` five times faster than `[0-9]{1,30}`.

-- id_ok --
-- Longer ones do not fit an index.
octet_length({value}) <= 500

-- text_ok --
-- Any text will do.
true

-- currency_ok --
-- ISO 4217 codes, as the source writes them.
{value} ~ '^[A-Z][A-Z][A-Z]$'

-- foreign_currency_ok --
-- The shop's own currency is what others are converted to: a rate of it would say nothing.
{value} ~ '^[A-Z][A-Z][A-Z]$' AND {value} <> (SELECT currency FROM tenants WHERE tenant_id = current_tenant())

-- money_ok --
-- No thousands separators and no signs of a currency: a guess would be a wrong figure. Digits and a point, as nearly
-- every amount is written, are told without the pattern, in half the time.
octet_length({value}) <= 40
AND CASE WHEN ltrim({value}, '0123456789.') = '' THEN {value} NOT LIKE '%.%.%' AND {value} NOT IN ('', '.')
         ELSE {value} ~ '^[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9][0-9]?)?$' END

-- rate_ok --
-- As money, and above 0.
octet_length({value}) <= 40
AND CASE WHEN {value} ~ '^[+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9][0-9]?)?$' THEN {value}::numeric > 0 ELSE false END

-- count_ok --
-- 12.0 is whole; it is how spreadsheets and data frames write 12.
octet_length({value}) <= 18 AND {value} ~ '^[-+]?[0-9]+(?:\.0+)?$'

-- instant_ok --
-- ISO 8601, with or without an offset; the days of the month are counted, so that the cast below cannot fail.
-- 2024-05-31T16:30:00Z, as most programs write it, is told part by part, in half the time that the pattern takes.
CASE
    WHEN {value} LIKE '____-__-__T__:__:__Z' AND {value} ~ '^(?:[0-9]+[-T:Z])+$'
         AND {value} NOT LIKE ALL (ARRAY['%-%-%-%', '%T%T%', '%:%:%:%', '%Z%Z%'])
         AND substr({value}, 9, 2) BETWEEN '01' AND '28'
    THEN {value} >= '1000' AND substr({value}, 6, 2) BETWEEN '01' AND '12' AND substr({value}, 12, 2) <= '23'
         AND substr({value}, 15, 1) <= '5' AND substr({value}, 18, 1) <= '5'
    WHEN {value} !~ '^[1-9][0-9][0-9][0-9]-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])(?:[T ](?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]+)?)?(?: ?(?:Z|[-+](?:0[0-9]|1[0-4])(?::?[0-5][0-9])?))?)?$'
    THEN false
    WHEN substr({value}, 9, 2) <= '28' THEN true
    ELSE substr({value}, 9, 2)::integer <= extract(
        day FROM make_date(substr({value}, 1, 4)::integer, substr({value}, 6, 2)::integer, 1) + interval '1 month - 1 day')
END

-- day_ok --
-- ISO 8601; programs that know no days write them as midnights.
CASE
    WHEN {value} !~ '^(?:19[7-9][0-9]|2[01][0-9][0-9])-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])(?:[T ]00:00(?::00(?:\.0+)?)?)?$'
    THEN false
    ELSE substr({value}, 9, 2)::integer <= extract(
        day FROM make_date(substr({value}, 1, 4)::integer, substr({value}, 6, 2)::integer, 1) + interval '1 month - 1 day')
END

-- boolean_ok --
-- The words programs use.
lower({value}) IN ('true', 'false', 't', 'f', 'yes', 'no', '1', '0')

-- choice_ok --
-- Only the words of the list, as they stand there.
{value} IN ({choices})

-- id_value --
-- Kept as it is.
{value}

-- text_value --
-- Kept as it is.
{value}

-- currency_value --
-- Kept as it is.
{value}

-- foreign_currency_value --
-- Kept as it is.
{value}

-- money_value --
-- Every digit is kept.
{value}::numeric

-- rate_value --
-- Every digit is kept.
{value}::numeric

-- count_value --
-- Through numeric, for the 12.0 of spreadsheets.
{value}::numeric::bigint

-- instant_value --
-- Without an offset it is local: the session's time zone is the tenant's while a batch is staged.
{value}::timestamptz

-- day_value --
-- The day alone.
left({value}, 10)::date

-- boolean_value --
-- The words that mean yes.
lower({value}) IN ('true', 't', 'yes', '1')

-- choice_value --
-- Kept as it is.
{value}
