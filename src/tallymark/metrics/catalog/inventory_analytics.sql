/*
title = "Inventory analytics"
description = "Sales, their growth, stock and turnover of all platforms together and of each, side by side. sales_trends has the trend, sku_analysis the products."
formula = "totalSales = gross - discounts - returns + shipping + tax; growth = (now - before) / |before|; turnover = cost of goods sold / average stock at cost x 365 / days; share = totalSales / totalSales of all x 100"
source = "Inventory analytics for Amazon and Shopify"
shape = "rows"
window = "trailing 30 days"
ttl = 1800
weight = 2
prewarm = [{}]

[columns]
platform = { kind = "id", doc = "all, then each platform by its name." }
total_sales = { kind = "money", doc = "Net sales with shipping and tax." }
net_sales = { kind = "money", doc = "Gross sales less discounts and returns." }
orders = { kind = "count", min = 0, doc = "Orders placed, neither cancelled nor test." }
units = { kind = "count", doc = "Units ordered." }
share = { kind = "percent", nullable = true, doc = "Of the total sales of all; unknown without any." }
"growth.*" = { kind = "ratio", nullable = true, doc = "0.25 is a quarter more; unknown where the figure before is 0." }
on_hand = { kind = "count", nullable = true, doc = "Units on hand at the end; unknown where no stock was ever noted." }
available = { kind = "count", nullable = true, doc = "On hand and not promised." }
incoming = { kind = "count", nullable = true, doc = "Units on their way." }
stock_value = { kind = "money", nullable = true, doc = "On hand x unit cost, as known that day." }
average_value = { kind = "average", nullable = true, doc = "Of the days of the window whose stock is known." }
turnover = { kind = "ratio", nullable = true, doc = "How often the stock is sold in a year." }
sell_through = { kind = "percent", nullable = true, doc = "Of what was on hand or sold, how much was sold." }
days_of_inventory = { kind = "ratio", nullable = true, doc = "How long what is available lasts; unknown without sales." }

[warnings]
incomplete_period = "Stock is not known for all of the window."
excluded_currency = "Orders in a currency without an exchange rate by then are left out."
*/
WITH clock AS (SELECT (%(as_of)s AT TIME ZONE %(timezone)s)::date AS today),
sides (side, first_day, last_day) AS (
    VALUES ('now', %(from)s::date, %(to)s::date), ('before', %(before_from)s::date, %(before_to)s::date)),
parts AS (
    SELECT
        sides.side, s.platform, s.gross - s.discounts - CASE WHEN %(clock)s = 'order' THEN s.order_returns ELSE s.returns END AS net,
        s.shipping + s.tax AS charges, s.orders, s.units, s.cost, s.foreign_orders, s.day
    FROM sides
    JOIN sales_day s
        ON s.tenant_id = %(tenant)s
        AND s.day BETWEEN sides.first_day AND sides.last_day
        AND (%(platform)s = 'all' OR s.platform = %(platform)s)
    UNION ALL
    -- The last day before is compared only as far as the running day has come.
    SELECT 'before', platform, gross - discounts, shipping + tax, orders, units, 0, 0, NULL
    FROM order_fact
    WHERE tenant_id = %(tenant)s
      AND placed_at >= %(before_cut_from)s AND placed_at < %(before_cut)s
      AND (%(platform)s = 'all' OR platform = %(platform)s)
    UNION ALL
    SELECT 'before', platform, -amount, 0, 0, 0, 0, 0, NULL
    FROM refund_fact
    WHERE tenant_id = %(tenant)s
      AND %(clock)s <> 'order' AND %(before_cut_from)s < %(before_cut)s
      AND refunded_at >= %(before_cut_from)s AND refunded_at < %(before_cut)s
      AND (%(platform)s = 'all' OR platform = %(platform)s)
    UNION ALL
    SELECT 'before', platform, -order_returns, 0, 0, 0, 0, 0, NULL
    FROM sales_hour
    WHERE tenant_id = %(tenant)s
      AND %(clock)s = 'order' AND %(before_cut_from)s < %(before_cut)s AND day = %(before_to)s + 1
      AND hour < extract(hour FROM %(before_cut)s AT TIME ZONE %(timezone)s)
      AND (%(platform)s = 'all' OR platform = %(platform)s)),
-- Each row holds until the next of its platform.
held AS (
    SELECT d.*, lead(d.day, 1, 'infinity'::date) OVER (PARTITION BY d.platform ORDER BY d.day) AS until
    FROM inventory_day d
    WHERE d.tenant_id = %(tenant)s AND (%(platform)s = 'all' OR d.platform = %(platform)s)),
known AS (SELECT min(day) AS since FROM held),
platforms AS (
    SELECT 0 AS place, 'all' COLLATE "C" AS platform WHERE %(platform)s = 'all'
    UNION
    SELECT 1, platform FROM sales_day WHERE tenant_id = %(tenant)s AND (%(platform)s = 'all' OR platform = %(platform)s)
    UNION
    SELECT 1, platform FROM held),
sold AS (
    SELECT
        p.platform,
        coalesce(sum(parts.net) FILTER (WHERE side = 'now'), 0) AS net,
        coalesce(sum(parts.net + parts.charges) FILTER (WHERE side = 'now'), 0) AS total,
        coalesce(sum(parts.orders) FILTER (WHERE side = 'now'), 0) AS orders,
        coalesce(sum(parts.units) FILTER (WHERE side = 'now'), 0) AS units,
        coalesce(sum(parts.cost) FILTER (WHERE side = 'now'), 0) AS cost,
        coalesce(sum(parts.foreign_orders) FILTER (WHERE side = 'now'), 0) AS foreign_orders,
        coalesce(sum(parts.net) FILTER (WHERE side = 'before'), 0) AS net_before,
        coalesce(sum(parts.net + parts.charges) FILTER (WHERE side = 'before'), 0) AS total_before,
        coalesce(sum(parts.orders) FILTER (WHERE side = 'before'), 0) AS orders_before,
        coalesce(sum(parts.units) FILTER (WHERE side = 'before'), 0) AS units_before
    FROM platforms p
    LEFT JOIN parts ON p.platform IN ('all', parts.platform)
    GROUP BY p.platform),
-- The days of the window that have come, from the first sale where it has no beginning.
span AS (
    SELECT
        last_day,
        last_day - CASE WHEN %(from)s > '0001-01-01' THEN %(from)s
            ELSE coalesce((SELECT min(day) FROM parts WHERE side = 'now'), last_day) END + 1 AS days
    FROM (SELECT least(%(to)s, today) AS last_day FROM clock) l),
stock AS (
    SELECT
        p.platform,
        sum(h.on_hand) FILTER (WHERE h.day <= span.last_day AND h.until > span.last_day) AS on_hand,
        sum(h.on_hand - h.reserved) FILTER (WHERE h.day <= span.last_day AND h.until > span.last_day) AS available,
        sum(h.incoming) FILTER (WHERE h.day <= span.last_day AND h.until > span.last_day) AS incoming,
        sum(h.value) FILTER (WHERE h.day <= span.last_day AND h.until > span.last_day) AS value,
        sum(h.value * greatest(least(h.until - 1, span.last_day) - greatest(h.day, %(from)s) + 1, 0))
            / nullif(max(span.last_day - greatest(first.day, %(from)s) + 1), 0) AS average
    FROM platforms p
    CROSS JOIN span
    CROSS JOIN LATERAL (SELECT min(held.day) AS day FROM held WHERE p.platform IN ('all', held.platform)) first
    LEFT JOIN held h ON p.platform IN ('all', h.platform) AND h.day <= span.last_day AND span.days > 0
    GROUP BY p.platform)
SELECT
    p.platform AS platform,
    s.total AS total_sales,
    s.net AS net_sales,
    s.orders AS orders,
    s.units AS units,
    CASE WHEN max(s.total) FILTER (WHERE p.platform = 'all') OVER () > 0
        THEN s.total * 100 / max(s.total) FILTER (WHERE p.platform = 'all') OVER () END AS share,
    (s.total - s.total_before) / nullif(abs(s.total_before), 0) AS "growth.total_sales",
    (s.net - s.net_before) / nullif(abs(s.net_before), 0) AS "growth.net_sales",
    (s.orders - s.orders_before) / nullif(abs(s.orders_before), 0) AS "growth.orders",
    (s.units - s.units_before) / nullif(abs(s.units_before), 0) AS "growth.units",
    t.on_hand AS on_hand,
    t.available AS available,
    t.incoming AS incoming,
    t.value AS stock_value,
    CASE WHEN t.on_hand IS NOT NULL THEN t.average END AS average_value,
    CASE WHEN t.average > 0 AND span.days > 0 THEN s.cost / t.average * 365 / span.days END AS turnover,
    CASE WHEN s.units + t.on_hand > 0 THEN s.units * 100 / (s.units + t.on_hand) END AS sell_through,
    CASE WHEN s.units > 0 THEN t.available * span.days / s.units END AS days_of_inventory,
    CASE WHEN known.since IS NULL THEN 'no stock is known'
        WHEN known.since > %(from)s THEN 'stock is known from ' || known.since || ' on' END AS "warning incomplete_period",
    CASE WHEN p.platform IN ('all', %(platform)s) AND s.foreign_orders > 0
        THEN 'orders left out, in a currency without an exchange rate: ' || s.foreign_orders END AS "warning excluded_currency"
FROM platforms p
JOIN sold s USING (platform)
JOIN stock t USING (platform)
CROSS JOIN span
CROSS JOIN known
ORDER BY p.place, p.platform
