/*
title = "Recent activity"
description = "The latest orders, refunds, new customers and doings of visitors, newest first, none of them in the future."
formula = "one row for each order, refunded line, customer and event"
source = "Analytics background jobs, recent activity"
shape = "rows"
window = "trailing 30 days"
ttl = 120
prewarm = [{}, { limit = 20 }]

[parameters]
limit = { type = "integer", default = 10, min = 1, max = 100, doc = "How many rows." }
kind = { type = "text", default = "all", allowed = ["all", "order", "refund", "customer", "event"], doc = "Which of them: all, or those of one kind; events are what visitors do." }

[columns]
occurred_at = { kind = "instant", doc = "When it happened." }
kind = { kind = "text", doc = "order, refund, customer, or the event's kind: visit, signup, view, cart, checkout." }
platform = { kind = "id", doc = "Where." }
id = { kind = "id", doc = "The order's, refund's, customer's or event's id." }
customer_id = { kind = "id", nullable = true, doc = "The customer or signed-in user, where known." }
product_id = { kind = "id", nullable = true, doc = "The product it is about, where it is about one." }
product_name = { kind = "text", nullable = true, doc = "That product's name, or its id where it has none." }
amount = { kind = "money", nullable = true, doc = "Of an order what was to be paid, of a refund what was paid back." }
*/
WITH bounds AS (
    SELECT
        (%(from)s::timestamp - interval '3 hours') AT TIME ZONE %(timezone)s AS starts,
        least((%(to)s::timestamp + interval '27 hours') AT TIME ZONE %(timezone)s, %(as_of)s) AS ends),
latest AS (
    (SELECT placed_at AS occurred_at, 'order' AS kind, platform, order_id AS id, customer_id, NULL AS product_id, total AS amount
    FROM order_fact
    WHERE tenant_id = %(tenant)s
      AND placed_at >= (SELECT starts FROM bounds) AND placed_at <= (SELECT ends FROM bounds)
      AND day BETWEEN %(from)s AND %(to)s
      AND orders > 0
      AND %(kind)s IN ('all', 'order')
      AND (%(platform)s = 'all' OR platform = %(platform)s)
    ORDER BY placed_at DESC, platform, order_id
    LIMIT %(limit)s)
    UNION ALL
    (SELECT refunded_at, 'refund', platform, refund_id, customer_id, nullif(product_id, ''), amount
    FROM refund_fact
    WHERE tenant_id = %(tenant)s
      AND %(kind)s IN ('all', 'refund')
      AND refunded_at >= (SELECT starts FROM bounds) AND refunded_at <= (SELECT ends FROM bounds)
      AND day BETWEEN %(from)s AND %(to)s
      AND (%(platform)s = 'all' OR platform = %(platform)s)
    ORDER BY refunded_at DESC, platform, refund_id, line_id
    LIMIT %(limit)s)
    UNION ALL
    (SELECT created_at, 'customer', platform, customer_id, customer_id, NULL, NULL
    FROM customers
    WHERE tenant_id = %(tenant)s
      AND %(kind)s IN ('all', 'customer')
      AND created_at >= (SELECT starts FROM bounds) AND created_at <= (SELECT ends FROM bounds)
      AND (created_at AT TIME ZONE %(timezone)s)::date BETWEEN %(from)s AND %(to)s
      AND (%(platform)s = 'all' OR platform = %(platform)s)
    ORDER BY created_at DESC, platform, customer_id
    LIMIT %(limit)s)
    UNION ALL
    (SELECT occurred_at, kind, platform, activity_id, user_id, product_id, NULL
    FROM activity
    WHERE tenant_id = %(tenant)s
      AND %(kind)s IN ('all', 'event')
      AND occurred_at >= (SELECT starts FROM bounds) AND occurred_at <= (SELECT ends FROM bounds)
      AND (occurred_at AT TIME ZONE %(timezone)s)::date BETWEEN %(from)s AND %(to)s
      AND (%(platform)s = 'all' OR platform = %(platform)s)
    ORDER BY occurred_at DESC, kind, platform, activity_id
    LIMIT %(limit)s)
    ORDER BY occurred_at DESC, kind, platform, id, product_id NULLS FIRST, amount
    LIMIT %(limit)s)
SELECT
    latest.occurred_at AS occurred_at,
    latest.kind AS kind,
    latest.platform AS platform,
    latest.id AS id,
    latest.customer_id AS customer_id,
    latest.product_id AS product_id,
    coalesce(products.name, latest.product_id) AS product_name,
    latest.amount AS amount
FROM latest
LEFT JOIN products
    ON products.tenant_id = %(tenant)s
    AND products.platform = latest.platform AND products.product_id = latest.product_id
ORDER BY latest.occurred_at DESC, latest.kind, latest.platform, latest.id, latest.product_id NULLS FIRST, latest.amount
