-- The one definition of what an order and a refund contribute. A refresh reads it for the keys that changed,
-- a build and a verification for everything: only the scope differs, never the columns.

-- line_sums --
-- What the lines of one order add up to; reads them from `i`, in line_id order.
count(*) FILTER (WHERE i.quantity <> 0 AND i.unit_cost IS NOT NULL)::integer AS costed_lines,
count(*) FILTER (WHERE i.quantity <> 0 AND i.unit_cost IS NULL)::integer AS uncosted_lines,
coalesce(sum(i.quantity), 0)::bigint AS units,
coalesce(sum(i.quantity * i.unit_price), 0) AS gross,
coalesce(sum(i.discount), 0) AS line_discounts,
coalesce(sum(i.tax), 0) AS line_tax,
coalesce(sum(i.quantity * i.unit_cost), 0) AS cost,
coalesce(sum(i.quantity * i.unit_price - i.discount) FILTER (WHERE i.unit_cost IS NOT NULL), 0) AS costed_net,
coalesce(array_agg(coalesce(i.product_id, '')), ARRAY[]::text[]) AS line_product,
coalesce(array_agg(i.quantity), ARRAY[]::bigint[]) AS line_quantity,
coalesce(array_agg(i.quantity * i.unit_price), ARRAY[]::numeric[]) AS line_gross,
coalesce(array_agg(i.discount), ARRAY[]::numeric[]) AS line_discount,
coalesce(array_agg(i.quantity * i.unit_cost), ARRAY[]::numeric[]) AS line_cost

-- rate --
-- What one unit of an order's money is worth in the tenant's: 1 in the tenant's own currency, where nothing is looked up;
-- otherwise the last rate up to the order's local day, null where there is none. Reads `orders` as `o`.
CASE WHEN coalesce(o.currency, %(currency)s) = %(currency)s THEN 1 ELSE (
    SELECT e.rate FROM exchange_rates e
    WHERE e.tenant_id = %(tenant)s AND e.currency = o.currency AND e.day <= (o.placed_at AT TIME ZONE %(timezone)s)::date
    ORDER BY e.day DESC LIMIT 1) END AS rate

-- counted_order --
-- The columns of an order that its contribution is made of; reads `orders` as `o`.
o.placed_at, o.platform, o.order_id, o.customer_id, o.sales_rep_id, {rate},
o.total_amount, o.discount, o.shipping, o.tax

-- orders_of_keys --
-- The orders whose keys are in `order_old`, each read by its own key: never a scan, whatever the history. A customer is looked up
-- where the order was not counted for that same one: whoever stands in another segment is claimed, and then all are looked up.
SELECT o.*, l.*,
    CASE WHEN k.customer_id = o.customer_id AND %(customer_id)s::text[] = '{{}}' THEN k.segment ELSE c.segment END AS segment
FROM order_old k
CROSS JOIN LATERAL (
    SELECT {counted_order} FROM orders o
    WHERE o.tenant_id = %(tenant)s AND o.placed_at = k.claimed_at AND o.platform = k.claimed_platform AND o.order_id = k.claimed_id
      AND o.status <> 'cancelled' AND NOT o.test
    OFFSET 0) o
CROSS JOIN LATERAL (
    SELECT {line_sums} FROM (
        SELECT * FROM order_items i
        WHERE o.rate IS NOT NULL AND i.tenant_id = %(tenant)s
          AND i.placed_at = k.claimed_at AND i.platform = k.claimed_platform AND i.order_id = k.claimed_id
        ORDER BY i.line_id) i) l
LEFT JOIN LATERAL (
    SELECT c.segment FROM customers c
    WHERE (k.customer_id IS DISTINCT FROM o.customer_id OR %(customer_id)s::text[] <> '{{}}')
      AND c.tenant_id = %(tenant)s AND c.platform = o.platform AND c.customer_id = o.customer_id OFFSET 0) c ON true

-- orders_of_months --
-- All orders placed in [first, last), read set by set.
SELECT o.*, l.costed_lines, l.uncosted_lines, l.units, l.gross, l.line_discounts, l.line_tax, l.cost, l.costed_net,
    l.line_product, l.line_quantity, l.line_gross, l.line_discount, l.line_cost, c.segment
FROM (
    SELECT {counted_order} FROM orders o
    WHERE o.tenant_id = %(tenant)s AND o.placed_at >= %(first)s AND o.placed_at < %(last)s
      AND o.status <> 'cancelled' AND NOT o.test
    OFFSET 0) o
LEFT JOIN (
    SELECT i.placed_at, i.platform, i.order_id, {line_sums} FROM (
        SELECT * FROM order_items i
        WHERE i.tenant_id = %(tenant)s AND i.placed_at >= %(first)s AND i.placed_at < %(last)s
        ORDER BY i.placed_at, i.platform, i.order_id, i.line_id) i
    GROUP BY i.placed_at, i.platform, i.order_id) l
  ON o.rate IS NOT NULL AND l.placed_at = o.placed_at AND l.platform = o.platform AND l.order_id = o.order_id
LEFT JOIN customers c ON c.tenant_id = %(tenant)s AND c.platform = o.platform AND c.customer_id = o.customer_id AND c.segment IS NOT NULL

-- order_contribution --
-- One row of order_fact per order. The order's own discount is spread over its lines by their net, to the last
-- digit (differences of rounded running totals always add up); where there is no net to spread it over, it becomes
-- a line of no product. So products, categories and days all sum to the order. All of it is worked out in the order's
-- own currency and then multiplied by its rate, to the last digit. Without a rate an order adds to nothing but foreign_orders.
SELECT c.placed_at, c.platform, c.order_id,
    (c.placed_at AT TIME ZONE %(timezone)s)::date AS day,
    extract(hour FROM c.placed_at AT TIME ZONE %(timezone)s)::smallint AS hour,
    c.customer_id, coalesce(c.segment, '') AS segment, c.sales_rep_id,
    c.counted::integer AS orders, (NOT c.counted)::integer AS foreign_orders,
    c.costed_lines, c.uncosted_lines, c.units, c.gross * c.rate AS gross,
    (c.line_discounts + c.discount) * c.rate AS discounts,
    c.shipping * c.rate AS shipping,
    c.taxes * c.rate AS tax,
    coalesce(c.total_amount, c.gross - c.line_discounts - c.discount + c.shipping + c.taxes) * c.rate AS total,
    c.cost * c.rate AS cost,
    c.rate * CASE c.order_discount WHEN 'spread' THEN (
        SELECT coalesce(sum(u.gross - u.discount) FILTER (WHERE u.cost IS NOT NULL), 0)
        FROM unnest(s.line_gross, s.line_discount, s.line_cost) AS u (gross, discount, cost))
        ELSE c.costed_net END AS costed_net,
    s.line_product, s.line_quantity,
    CASE c.rate WHEN 1 THEN s.line_gross ELSE ARRAY(SELECT x * c.rate FROM unnest(s.line_gross) x) END AS line_gross,
    CASE c.rate WHEN 1 THEN s.line_discount ELSE ARRAY(SELECT x * c.rate FROM unnest(s.line_discount) x) END AS line_discount,
    CASE c.rate WHEN 1 THEN s.line_cost ELSE ARRAY(SELECT x * c.rate FROM unnest(s.line_cost) x) END AS line_cost
FROM (
    SELECT o.placed_at, o.platform, o.order_id, o.customer_id, o.segment, o.sales_rep_id,
        o.rate IS NOT NULL AS counted, coalesce(o.rate, 0) AS rate,
        o.total_amount, o.discount, o.shipping,
        coalesce(o.tax, o.line_tax, 0) AS taxes,
        coalesce(o.cost, 0) AS cost, coalesce(o.costed_net, 0) AS costed_net,
        coalesce(o.costed_lines, 0) AS costed_lines, coalesce(o.uncosted_lines, 0) AS uncosted_lines,
        coalesce(o.units, 0) AS units, coalesce(o.gross, 0) AS gross, coalesce(o.line_discounts, 0) AS line_discounts,
        coalesce(o.line_product, ARRAY[]::text[]) AS line_product,
        coalesce(o.line_quantity, ARRAY[]::bigint[]) AS line_quantity,
        coalesce(o.line_gross, ARRAY[]::numeric[]) AS line_gross,
        coalesce(o.line_discount, ARRAY[]::numeric[]) AS line_discount,
        coalesce(o.line_cost, ARRAY[]::numeric[]) AS line_cost,
        CASE WHEN o.rate IS NULL OR o.discount = 0 THEN 'none'
             WHEN coalesce(o.gross, 0) = coalesce(o.line_discounts, 0) THEN 'own line'
             ELSE 'spread' END AS order_discount
    FROM ({orders}) o) c
CROSS JOIN LATERAL (
    SELECT c.line_product || CASE WHEN c.order_discount = 'own line' THEN ARRAY[''] END AS line_product,
        c.line_quantity || CASE WHEN c.order_discount = 'own line' THEN ARRAY[0::bigint] END AS line_quantity,
        c.line_gross || CASE WHEN c.order_discount = 'own line' THEN ARRAY[0::numeric] END AS line_gross,
        CASE c.order_discount
            WHEN 'none' THEN c.line_discount
            WHEN 'own line' THEN c.line_discount || c.discount
            ELSE (
                SELECT array_agg(part.discount
                        + round(c.discount * part.running / part.net, part.digits)
                        - round(c.discount * (part.running - part.line_net) / part.net, part.digits) ORDER BY part.n)
                FROM (
                    SELECT u.discount, u.n, u.gross - u.discount AS line_net, c.gross - c.line_discounts AS net,
                        greatest(scale(c.discount), 2) AS digits,
                        sum(u.gross - u.discount) OVER (ORDER BY u.n) AS running
                    FROM unnest(c.line_gross, c.line_discount) WITH ORDINALITY AS u (gross, discount, n)) part)
        END AS line_discount,
        c.line_cost || CASE WHEN c.order_discount = 'own line' THEN ARRAY[NULL::numeric] END AS line_cost
    OFFSET 0) s

-- refund_contribution --
-- One row of refund_fact per refunded line; leaves out the refunds of orders that are themselves not counted. A refund is
-- in its order's currency and at its order's rate, so that a full one takes back exactly what was sold; a refund without
-- an order is in the tenant's currency.
SELECT r.platform, r.refund_id, r.line_id, r.refunded_at,
    (r.refunded_at AT TIME ZONE %(timezone)s)::date AS day,
    extract(hour FROM r.refunded_at AT TIME ZONE %(timezone)s)::smallint AS hour,
    (coalesce(o.placed_at, r.refunded_at) AT TIME ZONE %(timezone)s)::date AS order_day,
    extract(hour FROM coalesce(o.placed_at, r.refunded_at) AT TIME ZONE %(timezone)s)::smallint AS order_hour,
    coalesce(r.product_id, i.product_id, '') AS product_id,
    coalesce(r.customer_id, o.customer_id) AS customer_id,
    coalesce(c.segment, '') AS segment,
    o.sales_rep_id, r.quantity, r.amount * coalesce(o.rate, 1) AS amount
FROM ({refunds}) r
LEFT JOIN {order_of_refund}
LEFT JOIN {customer_of_refund}
LEFT JOIN LATERAL (
    SELECT i.product_id FROM order_items i
    WHERE r.product_id IS NULL AND i.tenant_id = %(tenant)s AND i.placed_at = o.placed_at AND i.platform = o.platform
      AND i.order_id = o.order_id AND i.line_id = r.line_id
    OFFSET 0) i ON true
WHERE o.order_id IS NULL
   OR (o.status <> 'cancelled' AND NOT o.test AND o.rate IS NOT NULL)

-- order_by_its_id --
-- The order of one refund.
LATERAL (
    SELECT o.*, {rate} FROM orders o
    WHERE o.tenant_id = %(tenant)s AND o.platform = r.platform AND o.order_id = r.order_id
    ORDER BY o.placed_at LIMIT 1) o ON true

-- customer_by_its_id --
-- The customer of one refund. Row security lets no index be read by an expression, only by a column.
LATERAL (
    SELECT c.segment FROM (SELECT coalesce(r.customer_id, o.customer_id) AS customer_id OFFSET 0) who
    JOIN customers c ON c.tenant_id = %(tenant)s AND c.platform = r.platform AND c.customer_id = who.customer_id OFFSET 0) c ON true

-- orders_by_their_ids --
-- The orders of all refunds, found together.
(
    SELECT DISTINCT ON (o.platform, o.order_id) o.*, {rate}
    FROM (SELECT DISTINCT platform, order_id FROM refunds WHERE tenant_id = %(tenant)s) k
    JOIN orders o ON o.tenant_id = %(tenant)s AND o.platform = k.platform AND o.order_id = k.order_id
    ORDER BY o.platform, o.order_id, o.placed_at) o ON o.platform = r.platform AND o.order_id = r.order_id

-- customers_by_their_ids --
-- The customers of all refunds, found together; by one key, for without statistics a plan would join by platform alone.
customers c ON c.tenant_id = %(tenant)s AND ARRAY[c.platform, c.customer_id] = ARRAY[r.platform, coalesce(r.customer_id, o.customer_id)]

-- refunds_of_keys --
-- The refunds in `claimed_refund`.
SELECT r.* FROM claimed_refund k
CROSS JOIN LATERAL (
    SELECT * FROM refunds r WHERE r.tenant_id = %(tenant)s AND r.platform = k.platform AND r.refund_id = k.refund_id OFFSET 0) r

-- all_refunds --
-- Every refund of the tenant.
SELECT * FROM refunds r WHERE r.tenant_id = %(tenant)s
