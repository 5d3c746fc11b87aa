-- What each rollup sums, as signed contributions: what an order, a line or a refund contributes now less what it did before.
-- Reads `order_delta` and `refund_delta`, whose columns are those of order_fact and refund_fact, and `line_delta`, what the lines of
-- these orders add to their products. The measures of orders and lines have their sign already, those of refunds a `sgn`.

-- sales_day --
-- Sales by local day and platform, refunds by both clocks.
SELECT day, platform, orders, foreign_orders, units, gross, discounts, shipping, tax, total, cost, costed_net, costed_lines, uncosted_lines,
    0 AS refunds, 0 AS returned_units, 0 AS returns, 0 AS order_refunds, 0 AS order_returned_units, 0 AS order_returns
FROM order_delta
UNION ALL
SELECT day, platform, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, sgn, sgn * quantity, sgn * amount, 0, 0, 0
FROM refund_delta
UNION ALL
SELECT order_day, platform, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, sgn, sgn * quantity, sgn * amount
FROM refund_delta

-- sales_hour --
-- The same by local hour, for hourly trends and traffic patterns.
SELECT day, hour, platform, orders, units, gross, discounts, shipping, tax, total, 0 AS returns, 0 AS order_returns
FROM order_delta
UNION ALL
SELECT day, hour, platform, 0, 0, 0, 0, 0, 0, 0, sgn * amount, 0
FROM refund_delta
UNION ALL
SELECT order_day, order_hour, platform, 0, 0, 0, 0, 0, 0, 0, 0, sgn * amount
FROM refund_delta

-- product_day --
-- Products by local day; '' is what belongs to no product.
SELECT day, platform, product_id, lines, negatives, units, gross, discounts, cost, costed_net,
    0 AS returned_units, 0 AS returns, 0 AS order_returned_units, 0 AS order_returns
FROM line_delta
UNION ALL
SELECT day, platform, product_id, 0, CASE WHEN amount < 0 THEN sgn ELSE 0 END, 0, 0, 0, 0, 0, sgn * quantity, sgn * amount, 0, 0
FROM refund_delta
UNION ALL
SELECT order_day, platform, product_id, 0, CASE WHEN amount < 0 THEN sgn ELSE 0 END, 0, 0, 0, 0, 0, 0, 0, sgn * quantity, sgn * amount
FROM refund_delta

-- line --
-- What one line adds to its product; reads its columns as order_fact has them.
1 AS lines, CASE WHEN quantity < 0 OR gross < discount OR cost < 0 THEN 1 ELSE 0 END AS negatives,
quantity AS units, gross, discount AS discounts, coalesce(cost, 0) AS cost, CASE WHEN cost IS NULL THEN 0 ELSE gross - discount END AS costed_net

-- product_month --
-- Products by local month: the sums of their days.
SELECT date_trunc('month', day)::date AS month, platform, product_id, lines, negatives, units, gross, discounts, cost, costed_net,
    returned_units, returns, order_returned_units, order_returns
FROM product_day_sum

-- product_total --
-- Products of all time: the same days once more.
SELECT platform, product_id, lines, negatives, units, gross, discounts, cost, costed_net,
    returned_units, returns, order_returned_units, order_returns
FROM product_day_sum

-- category_day --
-- Categories by local day, subcategories not included; '' is what stands in none.
SELECT day, platform, category_id, units, gross, discounts, cost, costed_net, returns, order_returns FROM category_delta

-- category_month --
-- The same by local month.
SELECT date_trunc('month', day)::date AS month, platform, category_id, units, gross, discounts, cost, costed_net, returns, order_returns
FROM category_day_sum

-- assortment_month --
-- How many products were sold in a month: one more where a product's lines rise above zero, one less where they fall to it.
SELECT month, platform, (now.lines > 0)::integer - (now.lines - moved.lines > 0)::integer AS products
FROM product_month_put now JOIN product_month_sum moved USING (month, platform, product_id)
WHERE product_id <> ''

-- rep_day --
-- Sales representatives by local day.
SELECT day, platform, sales_rep_id, orders, units, gross, discounts, total, cost, costed_net, 0 AS returns, 0 AS order_returns
FROM order_delta WHERE sales_rep_id IS NOT NULL
UNION ALL
SELECT day, platform, sales_rep_id, 0, 0, 0, 0, 0, 0, 0, sgn * amount, 0
FROM refund_delta WHERE sales_rep_id IS NOT NULL
UNION ALL
SELECT order_day, platform, sales_rep_id, 0, 0, 0, 0, 0, 0, 0, 0, sgn * amount
FROM refund_delta WHERE sales_rep_id IS NOT NULL

-- segment_day --
-- The stored segments of customers by local day; '' is what belongs to none.
SELECT day, platform, segment, orders, units, gross, discounts, cost, costed_net, 0 AS returns, 0 AS order_returns
FROM order_delta
UNION ALL
SELECT day, platform, segment, 0, 0, 0, 0, 0, 0, sgn * amount, 0
FROM refund_delta
UNION ALL
SELECT order_day, platform, segment, 0, 0, 0, 0, 0, 0, 0, sgn * amount
FROM refund_delta

-- customer_refund --
-- What each customer was paid back, ever.
SELECT platform, customer_id, sgn AS refunds, sgn * amount AS returns
FROM refund_delta WHERE customer_id IS NOT NULL

-- customer_change --
-- What changed on each day a customer bought: the input of the customer rollups.
SELECT platform, customer_id, day, orders, gross, discounts, total
FROM order_delta WHERE customer_id IS NOT NULL

-- return_gap --
-- How many customers bought on a day and last before on prev_day: those after the change less those before.
SELECT platform, day, prev_day, 1 AS customers FROM customer_after
UNION ALL
SELECT platform, day, prev_day, -1 FROM customer_before

-- return_month --
-- The same by the month of prev_day, so that few rows tell the customers of many days.
SELECT date_trunc('month', prev_day)::date AS prev_month, day, platform, customers,
    CASE WHEN prev_day = '-infinity' THEN 0 ELSE customers * (day - prev_day) END AS gap_days
FROM return_gap_sum

-- repeat_gap --
-- For the first two orders of a customer's day, the day of the order before the last: the second one's is that of the order before
-- the day, the first one's that too where two orders were placed on it.
SELECT platform, day, CASE WHEN nth = 2 OR last_orders > 1 THEN prev_day ELSE coalesce(last_prev_day, '-infinity') END AS prev_day, sgn AS orders
FROM (
    SELECT 1 AS sgn, platform, day, orders, prev_day, lag(orders) OVER days AS last_orders, lag(prev_day) OVER days AS last_prev_day
    FROM customer_after WINDOW days AS (PARTITION BY platform, customer_id ORDER BY day)
    UNION ALL
    SELECT -1, platform, day, orders, prev_day, lag(orders) OVER days, lag(prev_day) OVER days
    FROM customer_before WINDOW days AS (PARTITION BY platform, customer_id ORDER BY day)) d,
    generate_series(1, least(orders, 2)) AS nth

-- repeat_month --
-- The same by the month of prev_day.
SELECT date_trunc('month', prev_day)::date AS prev_month, day, platform, orders FROM repeat_gap_sum

-- buyers_day --
-- The customers of each day: those after the change less those before.
SELECT day, platform, sgn AS customers, sgn * (prev_day = '-infinity')::integer AS new_customers,
    sgn * (orders_ever = 1)::integer AS once,
    CASE WHEN prev_day = '-infinity' THEN 0 ELSE sgn * (day - prev_day) END AS gap_days,
    sgn * orders AS orders, sgn * gross AS gross, sgn * discounts AS discounts
FROM (
    SELECT 1 AS sgn, *, sum(orders) OVER (PARTITION BY platform, customer_id) AS orders_ever FROM customer_after
    UNION ALL
    SELECT -1, *, sum(orders) OVER (PARTITION BY platform, customer_id) FROM customer_before) d
UNION ALL
SELECT day, platform, 0, 0, 0, 0, 0, gross, discounts FROM customer_same

-- cohort_month --
-- How many customers of a cohort bought in a month: those after the change less those before.
SELECT platform, cohort, month, 1 AS customers FROM (
    SELECT DISTINCT platform, customer_id, date_trunc('month', min(day) OVER (PARTITION BY platform, customer_id))::date AS cohort,
        date_trunc('month', day)::date AS month FROM customer_after) a
UNION ALL
SELECT platform, cohort, month, -1 FROM (
    SELECT DISTINCT platform, customer_id, date_trunc('month', min(day) OVER (PARTITION BY platform, customer_id))::date AS cohort,
        date_trunc('month', day)::date AS month FROM customer_before) b
