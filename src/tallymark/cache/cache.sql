-- clear --
-- Tells every process that some answers of a tenant are to be forgotten, once the transaction is committed.
SELECT pg_notify('tallymark_published', %(tenant)s || ':' || %(said)s)
