-- The same figures straight from the base tables, written without a look at rollups or catalogue: what must come out.

-- sales --
-- Sales of the local time [starts, ends), for one platform or all.
WITH counted AS (
    SELECT o.*, o.placed_at AT TIME ZONE 'Europe/Berlin' AS local
    FROM orders o
    WHERE o.tenant_id = %(tenant)s AND o.status <> 'cancelled' AND NOT o.test AND coalesce(o.currency, 'EUR') = 'EUR'
      AND %(platform)s IN ('all', o.platform)),
lines AS (
    SELECT c.local, i.* FROM counted c
    JOIN order_items i ON (i.tenant_id, i.platform, i.order_id) = (c.tenant_id, c.platform, c.order_id)
    WHERE c.local >= %(starts)s AND c.local < %(ends)s),
placed AS (SELECT * FROM counted WHERE local >= %(starts)s AND local < %(ends)s),
refunded AS (
    SELECT r.amount, CASE WHEN %(clock)s = 'event' OR o.order_id IS NULL THEN r.refunded_at AT TIME ZONE 'Europe/Berlin'
                          ELSE o.placed_at AT TIME ZONE 'Europe/Berlin' END AS local
    FROM refunds r
    LEFT JOIN orders o ON (o.tenant_id, o.platform, o.order_id) = (r.tenant_id, r.platform, r.order_id)
    WHERE r.tenant_id = %(tenant)s AND %(platform)s IN ('all', r.platform)
      AND (o.order_id IS NULL OR EXISTS (SELECT FROM counted c WHERE (c.platform, c.order_id) = (o.platform, o.order_id)))),
buyers AS (SELECT DISTINCT platform, customer_id FROM placed WHERE customer_id IS NOT NULL)
SELECT
    (SELECT coalesce(sum(quantity * unit_price), 0) FROM lines) AS gross,
    (SELECT coalesce(sum(discount), 0) FROM lines) + (SELECT coalesce(sum(discount), 0) FROM placed) AS discounts,
    (SELECT coalesce(sum(amount), 0) FROM refunded WHERE local >= %(starts)s AND local < %(ends)s) AS returns,
    (SELECT coalesce(sum(shipping), 0) FROM placed) AS shipping,
    (SELECT coalesce(sum(coalesce(tax, (SELECT sum(l.tax) FROM lines l WHERE (l.platform, l.order_id) = (p.platform, p.order_id)))), 0)
     FROM placed p) AS tax,
    (SELECT count(*) FROM placed) AS orders,
    (SELECT coalesce(sum(quantity), 0) FROM lines)::bigint AS units,
    (SELECT count(*) FROM buyers) AS customers,
    (SELECT count(*) FROM buyers b WHERE NOT EXISTS (
        SELECT FROM counted c WHERE (c.platform, c.customer_id) = (b.platform, b.customer_id) AND c.local < %(starts)s)) AS new_customers

-- products --
-- Products of the local days [starts, ends). An order with a discount of its own has one line, which bears it all.
SELECT
    i.product_id AS "productId",
    sum(i.quantity)::bigint AS "totalSold",
    sum(i.quantity * i.unit_price - i.discount - o.discount) AS revenue,
    sum(i.quantity * i.unit_price) / sum(i.quantity) AS "averagePrice",
    sum(i.quantity * i.unit_price - i.discount - o.discount - i.quantity * i.unit_cost) FILTER (WHERE i.unit_cost IS NOT NULL) * 100
        / sum(i.quantity * i.unit_price - i.discount - o.discount) FILTER (WHERE i.unit_cost IS NOT NULL) AS "profitMargin"
FROM order_items i
JOIN orders o USING (tenant_id, platform, order_id)
WHERE i.tenant_id = %(tenant)s AND i.product_id IS NOT NULL AND %(platform)s IN ('all', o.platform)
  AND o.status <> 'cancelled' AND NOT o.test AND coalesce(o.currency, 'EUR') = 'EUR'
  AND o.placed_at AT TIME ZONE 'Europe/Berlin' >= %(starts)s AND o.placed_at AT TIME ZONE 'Europe/Berlin' < %(ends)s
GROUP BY i.platform, i.product_id
ORDER BY CASE WHEN %(sort)s = 'units' THEN sum(i.quantity) ELSE sum(i.quantity * i.unit_price - i.discount - o.discount) END DESC,
    i.product_id, i.platform
LIMIT 3
