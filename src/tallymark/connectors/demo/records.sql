-- categories --
-- Why: departments, and the ranges below them.
WITH tree AS (
    SELECT min(range) AS number, department AS name, NULL AS parent FROM ranges GROUP BY department
    UNION ALL
    SELECT 100 + range, name, min(range) OVER (PARTITION BY department) FROM ranges
)
SELECT number, category_id(number), name, category_id(parent) FROM tree ORDER BY number;

-- products --
-- Why: every article the platform has ever sold, at its last price and cost.
SELECT p, article_id(p), sku, name, category_id(100 + range), money(last_cost), money(last_price), dropped IS NULL,
       getvariable('opens') + to_months(listed) - to_days(3 + CASE WHEN listed = 0 THEN p % 400 ELSE 0 END)
FROM products
JOIN (SELECT p, arg_max(price, month) AS last_price, arg_max(cost, month) AS last_cost
      FROM shelf WHERE platform = getvariable('platform') GROUP BY p) USING (p)
ORDER BY p;

-- sales_reps --
-- Why: those who look after the shop's accounts.
SELECT n, 'rep-' || (n + 1), first_name(n) || ' ' || last_name(n),
       lower(first_name(n) || '.' || last_name(n)) || '@shop.example', ['North', 'South', 'East', 'West'][n % 4 + 1],
       [0.03, 0.04, 0.05, 0.06][1 + floor(4 * u(n, 'commission'))::INTEGER]::DECIMAL(3, 2)
FROM range(getvariable('sales_reps')) r (n) ORDER BY n;

-- customers --
-- Why: those whose first order falls into these months. A marketplace gives neither full names nor real addresses.
SELECT customer, customer_id(customer),
       first_name(customer) || ' ' || CASE getvariable('platform') WHEN 'amazon' THEN last_name(customer)[1] || '.'
                                                                   ELSE last_name(customer) END,
       CASE getvariable('platform')
           WHEN 'amazon' THEN lower(to_base((customer + 224737) * 870000000037 % 101559956668416, 36, 9))
                              || '@marketplace.example'
           ELSE lower(first_name(customer) || '.' || last_name(customer)) || customer || '@mail.example' END,
       CASE WHEN getvariable('platform') = 'amazon'
            THEN CASE WHEN u(customer, 'business') < 0.07 THEN 'Business' ELSE 'Consumer' END
            WHEN sales_rep(customer) IS NOT NULL THEN 'Wholesale'
            WHEN habit(customer) = 'loyal' THEN 'VIP'
            WHEN habit(customer) = 'regular' THEN 'Regular'
            ELSE 'Occasional' END,
       registered_at
FROM registered ORDER BY customer;

-- orders --
-- Why: see totals.
SELECT i + 1, order_id(i), placed_at, status, customer_id(customer),
       'rep-' || (sales_rep(customer) + 1), getvariable('currency'),
       CASE getvariable('platform') WHEN 'shopify' THEN money(net - discount + shipping + tax) END,
       money(discount), money(shipping), CASE getvariable('platform') WHEN 'shopify' THEN money(tax) END,
       CASE WHEN status = 'cancelled' THEN regret END, test
FROM totals ORDER BY i;

-- order_items --
-- Why: see lines.
SELECT line, order_id(i), nth + 1, article_id(p), quantity, money(price), money(cost), money(discount), money(tax)
FROM lines ORDER BY line;

-- refunds --
-- Why: see returned. Lines of one refund share its id.
SELECT row_number() OVER (ORDER BY i, nth), 'R' || (20001 + i), nth + 1, order_id(i), article_id(p), customer_id(customer),
       refunded_at, back, money(amount)
FROM returned ORDER BY i, nth;

-- activity --
-- Why: what visitors did in the shop.
SELECT row_number() OVER (ORDER BY activity), activity, occurred_at, kind, visitor, customer_id(customer), article_id(p)
FROM events ORDER BY activity;

-- expenses --
-- Why: see bills.
SELECT n, 'X' || n, incurred_at, category, money(cents), description
FROM (SELECT *, row_number() OVER (ORDER BY incurred_at, description) AS n FROM bills
      WHERE platform = getvariable('platform'))
ORDER BY n;

-- inventory_levels --
-- Why: see stock.
SELECT row_number() OVER (ORDER BY p, location), article_id(p), location, on_hand, reserved, incoming, counted_at
FROM stock WHERE platform = getvariable('platform') ORDER BY p, location;
