-- The shop as its base tables tell it, written without a look at rollups or catalogue: what counts, on which local day, and
-- what each line really cost. The `plain.sql` of each metric reads these views, or any base table.

-- Orders that count: neither cancelled nor test, in the shop's own currency or one that had a rate by then. Amounts are in the
-- shop's currency, but for `order_discount`, which is as it stands; `rate` is what one unit of the order's currency was worth.
CREATE VIEW plain_orders WITH (security_invoker = true) AS
SELECT
    o.tenant_id, o.platform, o.order_id, o.placed_at,
    o.placed_at AT TIME ZONE t.timezone AS local,
    (o.placed_at AT TIME ZONE t.timezone)::date AS day,
    o.customer_id, o.sales_rep_id,
    l.units, l.gross * rate AS gross, (l.discounts + o.discount) * rate AS discounts, o.discount AS order_discount,
    o.shipping * rate AS shipping, coalesce(o.tax, l.tax) * rate AS tax,
    coalesce(o.total_amount, l.gross - l.discounts - o.discount + o.shipping + coalesce(o.tax, l.tax)) * rate AS total,
    rate
FROM orders o
JOIN tenants t USING (tenant_id)
CROSS JOIN LATERAL (
    SELECT
        coalesce(sum(quantity), 0)::bigint AS units, coalesce(sum(quantity * unit_price), 0) AS gross,
        coalesce(sum(i.discount), 0) AS discounts, coalesce(sum(i.tax), 0) AS tax
    FROM order_items i
    WHERE (i.tenant_id, i.platform, i.order_id) = (o.tenant_id, o.platform, o.order_id)) l
CROSS JOIN LATERAL (
    SELECT 1::numeric AS rate WHERE coalesce(o.currency, t.currency) = t.currency
    UNION ALL
    SELECT e.rate FROM exchange_rates e
    WHERE (e.tenant_id, e.currency) = (o.tenant_id, o.currency) AND o.currency <> t.currency AND e.day = (
        SELECT max(day) FROM exchange_rates past
        WHERE (past.tenant_id, past.currency) = (o.tenant_id, o.currency) AND past.day <= (o.placed_at AT TIME ZONE t.timezone)::date)) worth
WHERE o.status <> 'cancelled' AND NOT o.test;

-- Their lines; product_id is '' where none is named, cost is null where it was not recorded. An order's own discount is shared
-- out by net, each line getting what rounding the running total adds; where there is no net it is a line of no product.
CREATE VIEW plain_lines WITH (security_invoker = true) AS
WITH line AS (
    SELECT
        o.tenant_id, o.platform, o.order_id, o.local, o.day, o.customer_id, o.sales_rep_id, o.order_discount, o.rate, i.line_id,
        coalesce(i.product_id, '') AS product_id, i.quantity AS units, i.quantity * i.unit_price AS gross, i.discount,
        i.quantity * i.unit_cost AS cost,
        sum(i.quantity * i.unit_price - i.discount) OVER (PARTITION BY i.tenant_id, i.platform, i.order_id) AS whole,
        sum(i.quantity * i.unit_price - i.discount) OVER (PARTITION BY i.tenant_id, i.platform, i.order_id ORDER BY i.line_id) AS running
    FROM plain_orders o
    JOIN order_items i USING (tenant_id, platform, order_id)),
shared AS (
    SELECT *, round(order_discount * running / nullif(whole, 0), greatest(2, scale(order_discount))) AS running_discount FROM line),
every AS (
    SELECT tenant_id, platform, order_id, local, day, customer_id, sales_rep_id, line_id, product_id,
        units, gross * rate AS gross, cost * rate AS cost,
        (discount + coalesce(running_discount - lag(running_discount, 1, 0.0)
            OVER (PARTITION BY tenant_id, platform, order_id ORDER BY line_id), 0)) * rate AS discounts
    FROM shared
    UNION ALL
    SELECT tenant_id, platform, order_id, local, day, customer_id, sales_rep_id, '', '', 0, 0, NULL, order_discount * rate
    FROM plain_orders o
    WHERE order_discount <> 0 AND gross - discounts + order_discount * rate = 0)
SELECT *, gross - discounts AS net FROM every;

-- Refunds that count: of an order that does, at its rate, or of none that is known. `order_local` is the time of the order where it is known.
CREATE VIEW plain_refunds WITH (security_invoker = true) AS
SELECT
    r.tenant_id, r.platform, r.refund_id, r.line_id, r.refunded_at,
    r.refunded_at AT TIME ZONE t.timezone AS local,
    (r.refunded_at AT TIME ZONE t.timezone)::date AS day,
    coalesce(o.placed_at, r.refunded_at) AT TIME ZONE t.timezone AS order_local,
    (coalesce(o.placed_at, r.refunded_at) AT TIME ZONE t.timezone)::date AS order_day,
    coalesce(r.product_id, i.product_id, '') AS product_id,
    coalesce(r.customer_id, o.customer_id) AS customer_id,
    o.sales_rep_id, r.quantity, r.amount * coalesce(p.rate, 1) AS amount
FROM refunds r
JOIN tenants t USING (tenant_id)
LEFT JOIN orders o USING (tenant_id, platform, order_id)
LEFT JOIN plain_orders p USING (tenant_id, platform, order_id)
LEFT JOIN order_items i ON (i.tenant_id, i.platform, i.order_id, i.line_id) = (r.tenant_id, r.platform, r.order_id, r.line_id)
WHERE o.order_id IS NULL OR p.order_id IS NOT NULL;

-- Expenses by local day.
CREATE VIEW plain_expenses WITH (security_invoker = true) AS
SELECT e.tenant_id, e.platform, (e.incurred_at AT TIME ZONE t.timezone)::date AS day, e.category, e.amount
FROM expenses e JOIN tenants t USING (tenant_id);

GRANT SELECT ON plain_orders, plain_lines, plain_refunds, plain_expenses TO tallymark_app;
