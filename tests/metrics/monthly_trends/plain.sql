WITH event (kind, day, amount) AS (
    SELECT 'order', day, total FROM plain_orders WHERE tenant_id = %(tenant)s AND %(platform)s IN ('all', platform)
    UNION ALL
    SELECT 'refund', CASE %(clock)s WHEN 'order' THEN order_day ELSE day END, amount
    FROM plain_refunds WHERE tenant_id = %(tenant)s AND %(platform)s IN ('all', platform)
    UNION ALL
    SELECT 'expense', day, amount FROM plain_expenses WHERE tenant_id = %(tenant)s AND %(platform)s IN ('all', platform)),
monthly AS (
    SELECT
        date_trunc('month', day)::date AS month,
        coalesce(sum(amount) FILTER (WHERE kind = 'order'), 0) - coalesce(sum(amount) FILTER (WHERE kind = 'refund'), 0) AS revenue,
        coalesce(sum(amount) FILTER (WHERE kind = 'expense'), 0) AS expenses,
        count(*) FILTER (WHERE kind = 'order') AS orders,
        count(*) FILTER (WHERE kind = 'expense') AS spent
    FROM event
    WHERE day BETWEEN %(first)s AND %(last)s
    GROUP BY 1)
SELECT month, revenue, expenses, revenue - expenses AS "netProfit", orders AS "orderCount"
FROM monthly
WHERE orders > 0 OR revenue <> 0 OR spent > 0
ORDER BY month DESC
