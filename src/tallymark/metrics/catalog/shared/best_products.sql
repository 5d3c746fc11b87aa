-- The `limit` best products of the window, and what they sold in it. Whoever shares this says which products come into question
-- (`of`, and after summing `kept`), what they are placed by (`place`, then `tie`), and what that cannot exceed in a part of the time
-- that the product has it in (`at_most`), where `likely` holds. Where `asked` does not hold there are none but those of `more`.
--
-- All time is kept, one row a product. Any other window is the whole months nearest to it, plus the days outside them that belong to
-- it, less the days inside them that do not. That is summed of likely products only: those with most in a longer time that holds the
-- window, because without anything negative no part exceeds the whole. Where one of the rest could still be among the best, all are.
sold_months AS MATERIALIZED (
    SELECT DISTINCT date_trunc('month', day::timestamp)::date AS month FROM sales_day WHERE tenant_id = %(tenant)s),
months AS MATERIALIZED (
    SELECT month FROM sold_months WHERE month BETWEEN %(months_from)s AND %(months_to)s),
days AS MATERIALIZED (
    SELECT %(from)s + n AS day, 1 AS sgn FROM generate_series(0, least(%(months_from)s - 1, %(to)s) - %(from)s) n
    UNION ALL
    SELECT %(to)s - n, 1 FROM generate_series(0, %(to)s - greatest(%(months_to)s + 1, %(from)s)) n
    UNION ALL
    SELECT %(months_from)s + n, -1 FROM generate_series(0, least(%(from)s - 1, %(months_to)s) - %(months_from)s) n
    UNION ALL
    SELECT %(months_to)s - n, -1 FROM generate_series(0, %(months_to)s - greatest(%(to)s + 1, %(months_from)s)) n),
sizes AS MATERIALIZED (
    SELECT
        products, touched, history, (SELECT count(*) FROM months) AS months, (SELECT count(*) FROM days) AS days,
        greatest(least(%(to)s, newest + 30) - greatest(%(from)s, oldest) + 1, 1)::numeric AS length
    FROM (
        SELECT
            min(month) AS oldest, max(month) AS newest, count(*) AS history,
            count(*) FILTER (WHERE month BETWEEN date_trunc('month', %(from)s::timestamp)::date AND %(to)s) AS touched
        FROM sold_months) m
    CROSS JOIN (
        SELECT count(*) AS products FROM product_total
        WHERE NOT %(all_time)s AND tenant_id = %(tenant)s AND (%(platform)s = 'all' OR platform = %(platform)s)) p),
-- In what longer time to look, and how many are likely then: the more, the smaller the part. Only how long it takes depends on this:
-- to sum all that counts costs twice what one bound does, a look at a product seven times, and of all products two in five sell on a day.
tried AS MATERIALIZED (
    SELECT longer, wanted::integer AS products
    FROM (
        SELECT choice.*
        FROM sizes
        CROSS JOIN LATERAL (VALUES
            ('all', 0, 2 * products * (months + days * 0.4)),
            ('months', 20 + 1.3 * %(limit)s * power(touched * 30.5 / length, 2), products * touched),
            ('total', 20 + 1.3 * %(limit)s * power(history * 30.5 / length, 2), products)) AS choice (longer, wanted, read)
        WHERE longer = 'all' OR (NOT %(all_time)s AND %(limit)s <= 1000 AND ({asked}) AND ({likely}))
        ORDER BY read + 7 * wanted * (months + days)
        LIMIT 1) cheapest),
likely AS MATERIALIZED (
    SELECT platform, product_id, most
    FROM (
        SELECT platform, product_id, sum(CASE WHEN negatives <> 0 THEN 'Infinity' ELSE {at_most} END) AS most
        FROM product_month
        WHERE (SELECT longer = 'months' FROM tried)
          AND tenant_id = %(tenant)s
          AND month BETWEEN date_trunc('month', %(from)s::timestamp)::date AND %(to)s
          AND (%(platform)s = 'all' OR platform = %(platform)s)
          AND ({of})
        GROUP BY platform, product_id
        UNION ALL
        SELECT platform, product_id, CASE WHEN negatives <> 0 THEN 'Infinity' ELSE {at_most} END
        FROM product_total
        WHERE (SELECT longer = 'total' FROM tried)
          AND tenant_id = %(tenant)s
          AND (%(platform)s = 'all' OR platform = %(platform)s)
          AND ({of})) longer
    ORDER BY most DESC
    LIMIT (SELECT products + 1 FROM tried)),
-- The most that any of the rest can have; null where there is no rest.
rest AS MATERIALIZED (SELECT CASE WHEN count(*) > (SELECT products FROM tried) THEN min(most) END AS most FROM likely),
-- Each of them has a few months and days, which are quicker looked up one by one than sought together.
looked_up AS MATERIALIZED (SELECT platform, product_id FROM likely ORDER BY most DESC LIMIT (SELECT products FROM tried)),
likely_sold AS MATERIALIZED (
    SELECT platform, product_id, {place} AS place, {tie} AS tie
    FROM (
        SELECT
            platform, product_id, sum(units) AS units, sum(gross) AS gross, sum(discounts) AS discounts, sum(cost) AS cost,
            sum(costed_net) AS costed_net, sum(returns) AS returns, sum(order_returns) AS order_returns
        FROM (
            SELECT b.platform, b.product_id, s.units, s.gross, s.discounts, s.cost, s.costed_net, s.returns, s.order_returns
            FROM looked_up b
            CROSS JOIN months m
            CROSS JOIN LATERAL (
                SELECT * FROM product_month s
                WHERE s.tenant_id = %(tenant)s AND s.month = m.month AND s.platform = b.platform AND s.product_id = b.product_id
                OFFSET 0) s
            UNION ALL
            SELECT
                b.platform, b.product_id, d.sgn * s.units, d.sgn * s.gross, d.sgn * s.discounts, d.sgn * s.cost, d.sgn * s.costed_net,
                d.sgn * s.returns, d.sgn * s.order_returns
            FROM looked_up b
            CROSS JOIN days d
            CROSS JOIN LATERAL (
                SELECT * FROM product_day s
                WHERE s.tenant_id = %(tenant)s AND s.day = d.day AND s.platform = b.platform AND s.product_id = b.product_id
                OFFSET 0) s) parts
        GROUP BY platform, product_id) sold
    WHERE {kept}),
enough AS MATERIALIZED (
    SELECT tried.longer <> 'all' AND (rest.most IS NULL OR %(limit)s <= (
        SELECT count(*) FROM likely_sold WHERE place > rest.most)) AS enough
    FROM tried, rest),
every AS NOT MATERIALIZED (
    SELECT platform, product_id, units, gross, discounts, cost, costed_net, returns, order_returns
    FROM product_total
    WHERE %(all_time)s AND ({asked})
      AND tenant_id = %(tenant)s
      AND (%(platform)s = 'all' OR platform = %(platform)s)
      AND ({of})
    UNION ALL
    SELECT platform, product_id, units, gross, discounts, cost, costed_net, returns, order_returns
    FROM product_month
    WHERE NOT %(all_time)s AND ({asked}) AND (SELECT enough FROM enough) IS NOT TRUE
      AND tenant_id = %(tenant)s
      AND month BETWEEN %(months_from)s AND %(months_to)s
      AND (%(platform)s = 'all' OR platform = %(platform)s)
      AND ({of})
    UNION ALL
    SELECT platform, product_id, units, gross, discounts, cost, costed_net, returns, order_returns
    FROM product_day
    WHERE NOT %(all_time)s AND ({asked}) AND (SELECT enough FROM enough) IS NOT TRUE
      AND tenant_id = %(tenant)s
      AND (day BETWEEN %(from)s AND least(%(months_from)s - 1, %(to)s)
        OR day BETWEEN greatest(%(months_to)s + 1, %(from)s) AND %(to)s)
      AND (%(platform)s = 'all' OR platform = %(platform)s)
      AND ({of})
    UNION ALL
    SELECT platform, product_id, -units, -gross, -discounts, -cost, -costed_net, -returns, -order_returns
    FROM product_day
    WHERE NOT %(all_time)s AND ({asked}) AND (SELECT enough FROM enough) IS NOT TRUE
      AND tenant_id = %(tenant)s
      AND (day BETWEEN %(months_from)s AND least(%(from)s - 1, %(months_to)s)
        OR day BETWEEN greatest(%(to)s + 1, %(months_from)s) AND %(months_to)s)
      AND (%(platform)s = 'all' OR platform = %(platform)s)
      AND ({of})),
sums AS NOT MATERIALIZED (
    SELECT platform, product_id, sum(units) AS units, sum(gross) AS gross, sum(discounts) AS discounts, sum(cost) AS cost,
        sum(costed_net) AS costed_net, sum(returns) AS returns, sum(order_returns) AS order_returns
    FROM every
    GROUP BY platform, product_id),
best AS MATERIALIZED (
    (SELECT platform, product_id
    FROM likely_sold
    WHERE (SELECT enough FROM enough)
    ORDER BY place DESC NULLS LAST, tie DESC, product_id, platform
    LIMIT %(limit)s)
    UNION ALL
    (SELECT platform, product_id
    FROM (
        SELECT platform, product_id, {place} AS place, {tie} AS tie
        FROM product_total
        WHERE %(all_time)s AND %(limit)s <= 1000 AND ({asked})
          AND tenant_id = %(tenant)s
          AND (%(platform)s = 'all' OR platform = %(platform)s)
          AND ({of})
          AND ({kept})) sold
    ORDER BY place DESC NULLS LAST, tie DESC, product_id, platform
    LIMIT %(limit)s)
    UNION ALL
    (SELECT platform, product_id
    FROM (SELECT platform, product_id, {place} AS place, {tie} AS tie FROM sums WHERE NOT %(all_time)s AND %(limit)s <= 1000 AND ({kept})) sold
    ORDER BY place DESC NULLS LAST, tie DESC, product_id, platform
    LIMIT %(limit)s)
    UNION ALL
    {more}),
-- Of many, whatever they are placed by, all is summed at once.
best_products AS MATERIALIZED (
    (SELECT *
    FROM sums
    WHERE %(limit)s > 1000 AND ({kept})
    ORDER BY {place} DESC NULLS LAST, {tie} DESC, product_id, platform
    LIMIT %(limit)s)
    UNION ALL
    SELECT *
    FROM best
    JOIN (
        SELECT
            platform, product_id, sum(units) AS units, sum(gross) AS gross, sum(discounts) AS discounts, sum(cost) AS cost,
            sum(costed_net) AS costed_net, sum(returns) AS returns, sum(order_returns) AS order_returns
        FROM (
            SELECT b.platform, b.product_id, s.units, s.gross, s.discounts, s.cost, s.costed_net, s.returns, s.order_returns
            FROM best b
            CROSS JOIN LATERAL (
                SELECT * FROM product_total s
                WHERE s.tenant_id = %(tenant)s AND s.platform = b.platform AND s.product_id = b.product_id
                OFFSET 0) s
            WHERE %(all_time)s
            UNION ALL
            SELECT b.platform, b.product_id, s.units, s.gross, s.discounts, s.cost, s.costed_net, s.returns, s.order_returns
            FROM best b
            CROSS JOIN months m
            CROSS JOIN LATERAL (
                SELECT * FROM product_month s
                WHERE s.tenant_id = %(tenant)s AND s.month = m.month AND s.platform = b.platform AND s.product_id = b.product_id
                OFFSET 0) s
            WHERE NOT %(all_time)s
            UNION ALL
            SELECT b.platform, b.product_id, s.units, s.gross, s.discounts, s.cost, s.costed_net, s.returns, s.order_returns
            FROM best b
            CROSS JOIN days d
            CROSS JOIN LATERAL (
                SELECT * FROM product_day s
                WHERE s.tenant_id = %(tenant)s AND s.day = d.day AND s.platform = b.platform AND s.product_id = b.product_id
                OFFSET 0) s
            WHERE d.sgn = 1 AND NOT %(all_time)s
            UNION ALL
            SELECT b.platform, b.product_id, -s.units, -s.gross, -s.discounts, -s.cost, -s.costed_net, -s.returns, -s.order_returns
            FROM best b
            CROSS JOIN days d
            CROSS JOIN LATERAL (
                SELECT * FROM product_day s
                WHERE s.tenant_id = %(tenant)s AND s.day = d.day AND s.platform = b.platform AND s.product_id = b.product_id
                OFFSET 0) s
            WHERE d.sgn = -1 AND NOT %(all_time)s) parts
        GROUP BY platform, product_id) sold USING (platform, product_id))
