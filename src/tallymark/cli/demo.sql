-- has_orders --
-- Whether the shop was made already.
SELECT EXISTS (SELECT FROM orders WHERE tenant_id = %(tenant)s)
