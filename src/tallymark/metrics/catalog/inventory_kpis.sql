/*
title = "Inventory key figures"
description = "What lay in stock at the end of the window, what it was worth at cost, and how fast it sold."
formula = "turnover = cost of goods sold / average stock at cost x 365 / days; sellThrough = units sold / (units sold + on hand) x 100; daysOfInventory = available / units sold a day; gmroi = gross margin / average stock at cost"
source = "Amazon and Shopify inventory reports; GMROI as retail accounting has it"
shape = "object"
window = "trailing 30 days"
ttl = 1800
weight = 2
prewarm = [{}]

[columns]
products_in_stock = { kind = "count", nullable = true, min = 0, doc = "Products with something on hand; unknown before the first refresh that noted stock." }
on_hand = { kind = "count", nullable = true, doc = "Units on hand." }
reserved = { kind = "count", nullable = true, doc = "Units of those that are promised." }
available = { kind = "count", nullable = true, doc = "onHand - reserved." }
incoming = { kind = "count", nullable = true, doc = "Units on their way; not on hand." }
stock_value = { kind = "money", nullable = true, doc = "On hand x unit cost, as known that day." }
average_value = { kind = "average", nullable = true, doc = "Of the days of the window whose stock is known." }
units_sold = { kind = "count", doc = "Units ordered in the window." }
cost_of_goods_sold = { kind = "money", doc = "Of the lines whose cost is known." }
turnover = { kind = "ratio", nullable = true, doc = "How often the stock is sold in a year; unknown without stock." }
sell_through = { kind = "percent", nullable = true, doc = "Of what was on hand or sold, how much was sold." }
days_of_inventory = { kind = "ratio", nullable = true, doc = "How long what is available lasts; unknown without sales." }
gmroi = { kind = "ratio", nullable = true, doc = "Gross margin of the lines whose cost is known, per unit of money in stock." }

[warnings]
incomplete_period = "Stock is not known for all of the window."
cost_unknown = "Some units on hand have no cost, and are worth nothing here."
*/
WITH clock AS (SELECT (%(as_of)s AT TIME ZONE %(timezone)s)::date AS today),
known AS (
    SELECT min(day) AS since
    FROM inventory_day
    WHERE tenant_id = %(tenant)s AND (%(platform)s = 'all' OR platform = %(platform)s)),
sold AS (
    SELECT coalesce(sum(units), 0) AS units, coalesce(sum(cost), 0) AS cost, coalesce(sum(costed_net), 0) AS costed_net, min(day) AS first_day
    FROM sales_day
    WHERE tenant_id = %(tenant)s
      AND day BETWEEN %(from)s AND %(to)s
      AND (%(platform)s = 'all' OR platform = %(platform)s)),
-- The days of the window that have come, from the first sale where it has no beginning; of stock those that are known.
span AS (
    SELECT
        least(%(to)s, today) AS last_day,
        least(%(to)s, today) - CASE WHEN %(from)s > '0001-01-01' THEN %(from)s ELSE coalesce(first_day, least(%(to)s, today)) END + 1 AS days,
        greatest(%(from)s, since) AS stock_from
    FROM clock, known, sold),
-- Each row holds until the next of its platform.
held AS (
    SELECT d.*, lead(d.day, 1, 'infinity'::date) OVER (PARTITION BY d.platform ORDER BY d.day) AS until
    FROM inventory_day d
    WHERE d.tenant_id = %(tenant)s AND (%(platform)s = 'all' OR d.platform = %(platform)s)),
at_end AS (
    SELECT
        sum(h.products) AS products, sum(h.on_hand) AS on_hand, sum(h.reserved) AS reserved, sum(h.incoming) AS incoming,
        sum(h.value) AS value, sum(h.uncosted) AS uncosted
    FROM held h, span
    WHERE span.days > 0 AND h.day <= span.last_day AND h.until > span.last_day),
average AS (
    SELECT sum(h.value * (least(h.until - 1, span.last_day) - greatest(h.day, span.stock_from) + 1))
        / nullif(max(span.last_day - span.stock_from + 1), 0) AS value
    FROM held h, span
    WHERE span.days > 0 AND h.day <= span.last_day AND h.until > span.stock_from)
SELECT
    e.products AS products_in_stock,
    e.on_hand AS on_hand,
    e.reserved AS reserved,
    e.on_hand - e.reserved AS available,
    e.incoming AS incoming,
    e.value AS stock_value,
    a.value AS average_value,
    sold.units AS units_sold,
    sold.cost AS cost_of_goods_sold,
    CASE WHEN a.value > 0 AND span.days > 0 THEN sold.cost / a.value * 365 / span.days END AS turnover,
    CASE WHEN sold.units + e.on_hand > 0 THEN sold.units * 100 / (sold.units + e.on_hand) END AS sell_through,
    CASE WHEN sold.units > 0 AND span.days > 0 THEN (e.on_hand - e.reserved) * span.days / sold.units END AS days_of_inventory,
    CASE WHEN a.value > 0 THEN (sold.costed_net - sold.cost) / a.value END AS gmroi,
    CASE WHEN known.since IS NULL THEN 'no stock is known'
        WHEN known.since > %(from)s THEN 'stock is known from ' || known.since || ' on' END AS "warning incomplete_period",
    CASE WHEN e.uncosted <> 0 THEN 'units on hand without a cost: ' || e.uncosted END AS "warning cost_unknown"
FROM at_end e
CROSS JOIN average a
CROSS JOIN sold
CROSS JOIN span
CROSS JOIN known
