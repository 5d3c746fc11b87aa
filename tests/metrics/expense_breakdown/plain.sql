SELECT category, sum(amount) AS amount, count(*) AS count, sum(amount) * 100 / nullif((
    SELECT sum(amount) FROM plain_expenses
    WHERE tenant_id = %(tenant)s AND %(platform)s IN ('all', platform) AND day BETWEEN %(first)s AND %(last)s), 0) AS percentage
FROM plain_expenses
WHERE tenant_id = %(tenant)s AND %(platform)s IN ('all', platform) AND day BETWEEN %(first)s AND %(last)s
GROUP BY category
ORDER BY sum(amount) DESC, category COLLATE "C"
