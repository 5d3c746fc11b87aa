SELECT
    taken - back AS "totalRevenue", spent AS "totalExpenses", taken - back - spent AS "netRevenue",
    coalesce((taken - back - spent) * 100 / CASE WHEN taken > back THEN taken - back END, 0) AS "profitMarginPercentage",
    back AS refunds, %(as_of)s::timestamptz AS "calculatedAt"
FROM (
    SELECT
        (SELECT coalesce(sum(total), 0) FROM plain_orders
         WHERE tenant_id = %(tenant)s AND %(platform)s IN ('all', platform) AND day BETWEEN %(first)s AND %(last)s) AS taken,
        (SELECT coalesce(sum(amount), 0) FROM plain_refunds
         WHERE tenant_id = %(tenant)s AND %(platform)s IN ('all', platform)
           AND CASE %(clock)s WHEN 'order' THEN order_day ELSE day END BETWEEN %(first)s AND %(last)s) AS back,
        (SELECT coalesce(sum(amount), 0) FROM plain_expenses
         WHERE tenant_id = %(tenant)s AND %(platform)s IN ('all', platform) AND day BETWEEN %(first)s AND %(last)s) AS spent) sums
