WITH months AS (
    SELECT DISTINCT date_trunc('month', moment)::date AS month
    FROM (SELECT local AS moment FROM plain_orders UNION ALL SELECT local FROM plain_refunds UNION ALL SELECT order_local FROM plain_refunds) m
    WHERE moment::date BETWEEN %(first)s AND %(last)s),
monthly AS (
    SELECT
        month,
        (SELECT count(*) FROM plain_orders
         WHERE tenant_id = %(tenant)s AND %(platform)s IN ('all', platform) AND date_trunc('month', day) = month) AS orders,
        (SELECT sum(total) FROM plain_orders
         WHERE tenant_id = %(tenant)s AND %(platform)s IN ('all', platform) AND date_trunc('month', day) = month) AS total,
        (SELECT sum(amount) FROM plain_refunds
         WHERE tenant_id = %(tenant)s AND %(platform)s IN ('all', platform)
           AND date_trunc('month', CASE %(clock)s WHEN 'order' THEN order_day ELSE day END) = month) AS back,
        (SELECT count(DISTINCT (platform, product_id)) FROM plain_lines
         WHERE tenant_id = %(tenant)s AND %(platform)s IN ('all', platform) AND date_trunc('month', day) = month AND product_id <> '') AS products,
        (SELECT (sum(gross) - sum(discounts)) / count(*) FROM plain_orders
         WHERE tenant_id = %(tenant)s AND %(platform)s IN ('all', platform) AND date_trunc('month', day) = month) AS average
    FROM months)
SELECT
    month, orders, coalesce(total, 0) - coalesce(back, 0) AS revenue, products AS "distinctProducts", average AS "averageOrderValue"
FROM monthly
WHERE orders > 0 OR back <> 0
ORDER BY month DESC
