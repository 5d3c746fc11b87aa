-- write --
-- In DuckDB: text becomes a Parquet file; every value stays the text it is.
COPY (SELECT {values} FROM read_csv({source}, header = false, delim = ',', quote = '"', escape = '"', auto_detect = false,
      nullstr = '', columns = {{{types}}}))
TO {target} (FORMAT parquet, COMPRESSION zstd)

-- read --
-- In DuckDB: the rows in the order in which they were written.
SELECT * FROM read_parquet({source})
