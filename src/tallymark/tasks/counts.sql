-- published_orders --
-- How many orders the published rollups hold, whatever their currency.
SELECT coalesce(sum(orders + foreign_orders), 0)::bigint FROM sales_day WHERE tenant_id = %(tenant)s

-- changed_orders --
-- What the changes that wait in the log do to that number: the order counts now, less it was counted then.
SELECT count(o.found) - count(f.found)
FROM unnest(%(placed_at)s::timestamptz[], %(platform)s::text[], %(order_id)s::text[]) AS k (placed_at, platform, order_id)
LEFT JOIN LATERAL (
    SELECT 1 AS found FROM orders o
    WHERE o.tenant_id = %(tenant)s AND o.placed_at = k.placed_at AND o.platform = k.platform AND o.order_id = k.order_id
      AND o.status <> 'cancelled' AND NOT o.test OFFSET 0) o ON true
LEFT JOIN LATERAL (
    SELECT 1 AS found FROM order_fact f
    WHERE f.tenant_id = %(tenant)s AND f.placed_at = k.placed_at AND f.platform = k.platform AND f.order_id = k.order_id OFFSET 0) f ON true

-- counted_orders --
-- The same by counting, where the rollups are not there yet.
SELECT count(*) FROM orders WHERE tenant_id = %(tenant)s AND status <> 'cancelled' AND NOT test

-- products_and_expenses --
-- Tables small enough to count, and when that was.
SELECT (SELECT count(*) FROM products WHERE tenant_id = %(tenant)s), (SELECT count(*) FROM expenses WHERE tenant_id = %(tenant)s),
    clock_timestamp()
