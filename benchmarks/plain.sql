-- net_revenue --
-- What a system without rollups runs: the totals, from all orders.
WITH revenue_total AS (
    SELECT coalesce(sum(total_amount), 0) AS total_revenue FROM orders WHERE tenant_id = %(tenant)s AND status <> 'cancelled'),
expense_total AS (SELECT coalesce(sum(amount), 0) AS total_expenses FROM expenses WHERE tenant_id = %(tenant)s)
SELECT total_revenue, total_expenses, total_revenue - total_expenses FROM revenue_total, expense_total

-- monthly_trends --
-- Twelve months, from all orders and expenses.
WITH monthly_revenue AS (
    SELECT date_trunc('month', placed_at) AS month, count(*) AS order_count, coalesce(sum(total_amount), 0) AS revenue
    FROM orders WHERE tenant_id = %(tenant)s AND status <> 'cancelled' AND placed_at >= %(now)s::timestamptz - interval '12 months' GROUP BY 1),
monthly_expenses AS (
    SELECT date_trunc('month', incurred_at) AS month, coalesce(sum(amount), 0) AS expenses
    FROM expenses WHERE tenant_id = %(tenant)s AND incurred_at >= %(now)s::timestamptz - interval '12 months' GROUP BY 1)
SELECT coalesce(r.month, e.month), coalesce(revenue, 0), coalesce(expenses, 0), coalesce(order_count, 0)
FROM monthly_revenue r FULL JOIN monthly_expenses e ON r.month = e.month ORDER BY 1 DESC LIMIT 12

-- expense_breakdown --
-- By category.
SELECT category, count(*), sum(amount) FROM expenses WHERE tenant_id = %(tenant)s GROUP BY category ORDER BY 3 DESC

-- top_products --
-- Ten best, from all lines.
SELECT p.product_id, p.name, sum(i.quantity), sum(i.unit_price * i.quantity) AS revenue, avg(i.unit_price)
FROM products p
JOIN order_items i ON i.tenant_id = p.tenant_id AND i.platform = p.platform AND i.product_id = p.product_id
JOIN orders o ON o.tenant_id = i.tenant_id AND o.placed_at = i.placed_at AND o.platform = i.platform AND o.order_id = i.order_id
WHERE p.tenant_id = %(tenant)s AND o.status <> 'cancelled'
GROUP BY p.product_id, p.name ORDER BY revenue DESC LIMIT 10

-- monthly_analytics --
-- Every month: orders, revenue, distinct products.
SELECT date_trunc('month', o.placed_at), count(DISTINCT o.order_id), sum(i.quantity * i.unit_price), count(DISTINCT i.product_id)
FROM orders o
LEFT JOIN order_items i ON i.tenant_id = o.tenant_id AND i.placed_at = o.placed_at AND i.platform = o.platform AND i.order_id = o.order_id
WHERE o.tenant_id = %(tenant)s AND o.status <> 'cancelled' GROUP BY 1
