-- How the customer rollups follow from the days on which customers bought.

-- customer_change --
-- What one step changed of customers' days, as arrays from that step.
SELECT * FROM unnest(%(platform)s::text[], %(customer)s::text[], %(day)s::date[], %(orders)s::bigint[], %(gross)s::numeric[],
                     %(discounts)s::numeric[], %(total)s::numeric[])
    AS d (platform, customer_id, day, orders, gross, discounts, total)

-- customer_moved --
-- The customers who now bought on other days than before, or otherwise often on one: only of them can chains and cohorts differ.
SELECT DISTINCT platform, customer_id FROM customer_change WHERE orders <> 0

-- customer_delta --
-- What changed of them.
SELECT c.* FROM customer_change c JOIN customer_moved USING (platform, customer_id)

-- customer_same --
-- What changed of the others: the sums of days that stay.
SELECT c.* FROM customer_change c WHERE NOT EXISTS (
    SELECT FROM customer_moved m WHERE m.platform = c.platform AND m.customer_id = c.customer_id)

-- customer_before --
-- The days kept so far of every customer whose days may differ.
SELECT d.platform, d.customer_id, d.day, d.orders, d.gross, d.discounts, d.total, d.prev_day
FROM (SELECT DISTINCT platform, customer_id FROM customer_delta) t
CROSS JOIN LATERAL (
    SELECT * FROM customer_day d WHERE d.tenant_id = %(tenant)s AND d.platform = t.platform AND d.customer_id = t.customer_id OFFSET 0) d

-- customer_after --
-- The same days once the change is added, each linked to the one before it.
SELECT platform, customer_id, day, orders, gross, discounts, total,
    coalesce(lag(day) OVER (PARTITION BY platform, customer_id ORDER BY day), '-infinity'::date) AS prev_day
FROM (
    SELECT platform, customer_id, day, sum(orders)::bigint AS orders, sum(gross) AS gross, sum(discounts) AS discounts, sum(total) AS total
    FROM (SELECT platform, customer_id, day, orders, gross, discounts, total FROM customer_before
          UNION ALL SELECT platform, customer_id, day, orders, gross, discounts, total FROM customer_delta) d
    GROUP BY platform, customer_id, day
    HAVING sum(orders) <> 0 OR sum(gross) <> 0 OR sum(discounts) <> 0 OR sum(total) <> 0) days

-- customer_left --
-- The days on which a customer no longer bought.
SELECT platform, customer_id, day FROM customer_before EXCEPT SELECT platform, customer_id, day FROM customer_after

-- write_customers --
-- Days, facts: only rows that differ are written.
customer_day_gone AS (
    DELETE FROM customer_day d USING customer_left g
    WHERE d.tenant_id = %(tenant)s AND d.platform = g.platform AND d.customer_id = g.customer_id AND d.day = g.day),
customer_day_put AS (
    INSERT INTO customer_day (tenant_id, platform, customer_id, day, orders, gross, discounts, total, prev_day)
    SELECT %(tenant)s, * FROM (SELECT * FROM customer_after EXCEPT SELECT * FROM customer_before) put
    ON CONFLICT (tenant_id, platform, customer_id, day) DO UPDATE SET orders = EXCLUDED.orders, gross = EXCLUDED.gross,
        discounts = EXCLUDED.discounts, total = EXCLUDED.total, prev_day = EXCLUDED.prev_day),
customer_fact_gone AS (
    DELETE FROM customer_fact f USING (SELECT platform, customer_id FROM customer_before EXCEPT SELECT platform, customer_id FROM customer_after) g
    WHERE f.tenant_id = %(tenant)s AND f.platform = g.platform AND f.customer_id = g.customer_id),
customer_fact_put AS (
    INSERT INTO customer_fact (tenant_id, platform, customer_id, first_day, last_day, days, orders, gross, discounts, total)
    SELECT %(tenant)s, platform, customer_id, min(day), max(day), count(*), sum(orders), sum(gross), sum(discounts), sum(total)
    FROM customer_after GROUP BY platform, customer_id
    ON CONFLICT (tenant_id, platform, customer_id) DO UPDATE SET first_day = EXCLUDED.first_day, last_day = EXCLUDED.last_day,
        days = EXCLUDED.days, orders = EXCLUDED.orders, gross = EXCLUDED.gross, discounts = EXCLUDED.discounts, total = EXCLUDED.total),
customer_day_added AS (
    UPDATE customer_day d SET gross = d.gross + s.gross, discounts = d.discounts + s.discounts, total = d.total + s.total
    FROM customer_same s
    WHERE d.tenant_id = %(tenant)s AND d.platform = s.platform AND d.customer_id = s.customer_id AND d.day = s.day),
customer_fact_added AS (
    UPDATE customer_fact f SET gross = f.gross + s.gross, discounts = f.discounts + s.discounts, total = f.total + s.total
    FROM (
        SELECT platform, customer_id, sum(gross) AS gross, sum(discounts) AS discounts, sum(total) AS total
        FROM customer_same GROUP BY platform, customer_id) s
    WHERE f.tenant_id = %(tenant)s AND f.platform = s.platform AND f.customer_id = s.customer_id)

-- place_customers --
-- The same for customers of whom nothing is kept yet.
customer_day_put AS (
    INSERT INTO customer_day (tenant_id, platform, customer_id, day, orders, gross, discounts, total, prev_day)
    SELECT %(tenant)s, a.* FROM customer_after a),
customer_fact_put AS (
    INSERT INTO customer_fact (tenant_id, platform, customer_id, first_day, last_day, days, orders, gross, discounts, total)
    SELECT %(tenant)s, platform, customer_id, min(day), max(day), count(*), sum(orders), sum(gross), sum(discounts), sum(total)
    FROM customer_after GROUP BY platform, customer_id)

-- place_return_gap --
-- The pairs of days, once every customer's days are linked.
INSERT INTO return_gap (tenant_id, platform, day, prev_day, customers)
SELECT tenant_id, platform, day, prev_day, count(*) FROM customer_day WHERE tenant_id = %(tenant)s
GROUP BY tenant_id, platform, day, prev_day ORDER BY platform, day, prev_day

-- place_return_month --
-- The same by the month of the day before.
INSERT INTO return_month (tenant_id, prev_month, day, platform, customers, gap_days)
SELECT tenant_id, date_trunc('month', prev_day)::date, day, platform, sum(customers),
    sum(CASE WHEN prev_day = '-infinity' THEN 0 ELSE customers * (day - prev_day) END)
FROM return_gap WHERE tenant_id = %(tenant)s
GROUP BY 1, 2, 3, 4 ORDER BY 2, 3, 4

-- place_cohort_month --
-- The cohorts, once every customer's first day is known.
INSERT INTO cohort_month (tenant_id, platform, cohort, month, customers)
SELECT tenant_id, platform, cohort, month, count(*)
FROM (
    SELECT DISTINCT d.tenant_id, d.platform, d.customer_id, date_trunc('month', f.first_day)::date AS cohort, date_trunc('month', d.day)::date AS month
    FROM customer_day d JOIN customer_fact f USING (tenant_id, platform, customer_id) WHERE d.tenant_id = %(tenant)s) bought
GROUP BY tenant_id, platform, cohort, month

-- all_customers --
-- Every customer's days, once they are linked.
SELECT platform, customer_id, day, orders, gross, discounts, total, prev_day FROM customer_day WHERE tenant_id = %(tenant)s

-- no_customers --
-- What is kept of them before a build: nothing.
SELECT platform, customer_id, day, orders, gross, discounts, total, prev_day FROM customer_day WHERE false

-- delta_of_facts --
-- Everything the facts hold of one share of the customers, for a build in bounded steps.
SELECT platform, customer_id, day, sum(orders)::bigint AS orders, sum(gross) AS gross, sum(discounts) AS discounts, sum(total) AS total
FROM order_fact
WHERE tenant_id = %(tenant)s AND customer_id IS NOT NULL AND orders <> 0
  AND abs(hashtext(customer_id)::bigint) %% %(shares)s = %(share)s
GROUP BY platform, customer_id, day
