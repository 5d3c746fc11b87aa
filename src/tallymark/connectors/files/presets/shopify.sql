-- Shopify: Orders > Export > CSV. A row per line item; what belongs to the order stands on its first row only.
--
-- order_id is the order's name (#1001), product_id the SKU, or the item's name where there is none. Prices are as
-- the shop shows them: where they include tax, total_amount still is what was charged. The discount of an order is
-- what lies between its lines and its subtotal. The export says how much was refunded but not when: it counts on
-- the day of the order.

-- products --
SELECT coalesce("Lineitem sku", "Lineitem name") AS product_id,
       max("Lineitem sku") AS sku,
       arg_max("Lineitem name", "Created at") AS name,
       min(came_from) AS came_from
FROM export
WHERE "Lineitem name" IS NOT NULL
GROUP BY 1

-- customers --
SELECT lower("Email") AS customer_id,
       arg_max("Billing Name", "Created at") AS name,
       lower("Email") AS email,
       min(came_from) AS came_from
FROM export
WHERE "Email" IS NOT NULL
GROUP BY lower("Email")

-- orders --
SELECT "Name" AS order_id,
       max("Created at") AS placed_at,
       CASE WHEN max("Cancelled at") IS NOT NULL THEN 'cancelled'
            WHEN max("Financial Status") IN ('pending', 'authorized', 'unpaid') THEN 'pending'
            ELSE 'completed' END AS status,
       max(lower("Email")) AS customer_id,
       max("Currency") AS currency,
       max("Total") AS total_amount,
       sum("Lineitem quantity"::DECIMAL(18, 0) * "Lineitem price"::DECIMAL(18, 4) - coalesce("Lineitem discount"::DECIMAL(18, 4), 0))
           - max("Subtotal"::DECIMAL(18, 4)) AS discount,
       max("Shipping") AS shipping,
       max("Taxes") AS tax,
       max("Cancelled at") AS cancelled_at,
       min(came_from) AS came_from
FROM export
GROUP BY "Name"

-- order_items --
SELECT "Name" AS order_id,
       row_number() OVER (PARTITION BY "Name" ORDER BY row) AS line_id,
       coalesce("Lineitem sku", "Lineitem name") AS product_id,
       "Lineitem quantity" AS quantity,
       "Lineitem price" AS unit_price,
       "Lineitem discount" AS discount,
       came_from
FROM (SELECT *, row_number() OVER () AS row FROM export)
WHERE "Lineitem name" IS NOT NULL

-- refunds --
SELECT "Name" AS refund_id,
       "Name" AS order_id,
       max(lower("Email")) AS customer_id,
       max("Created at") AS refunded_at,
       max("Refunded Amount"::DECIMAL(18, 4)) AS amount,
       min(came_from) AS came_from
FROM export
GROUP BY "Name"
HAVING max("Refunded Amount"::DECIMAL(18, 4)) > 0
