-- Exchange rates one by one.

-- rates --
-- What is known, the newest first.
SELECT currency, day, rate FROM exchange_rates
WHERE tenant_id = %(tenant)s AND (%(currency)s::text IS NULL OR currency = %(currency)s)
ORDER BY day DESC, currency
LIMIT %(limit)s

-- put --
-- A rate that is the same already is left alone, so that nothing is counted anew for it.
INSERT INTO exchange_rates AS e (tenant_id, currency, day, rate) VALUES (%(tenant)s, %(currency)s, %(day)s, %(rate)s)
ON CONFLICT (tenant_id, currency, day) DO UPDATE SET rate = EXCLUDED.rate WHERE e.rate <> EXCLUDED.rate

-- remove --
-- From then on the rate before it holds.
DELETE FROM exchange_rates WHERE tenant_id = %(tenant)s AND currency = %(currency)s AND day = %(day)s
