/*
title = "Inventory trends"
description = "What lay in stock at the end of each local day of the window, and what it was worth at cost, oldest first and without gaps."
formula = "available = onHand - reserved; stockValue = on hand x unit cost, as known that day"
source = "Shopify's inventory value by month, told by the day"
shape = "rows"
window = "trailing {days} days"
ttl = 1800
weight = 2

[parameters]
days = { type = "integer", default = 30, min = 1, max = 366, doc = "How many local days, today included." }

[columns]
day = { kind = "day", doc = "The local day." }
products_in_stock = { kind = "count", nullable = true, min = 0, doc = "Products with something on hand; unknown before the first refresh that noted stock." }
on_hand = { kind = "count", nullable = true, doc = "Units on hand." }
reserved = { kind = "count", nullable = true, doc = "Units of those that are promised." }
available = { kind = "count", nullable = true, doc = "onHand - reserved." }
incoming = { kind = "count", nullable = true, doc = "Units on their way; not on hand." }
stock_value = { kind = "money", nullable = true, doc = "On hand x unit cost, as known that day." }

[warnings]
incomplete_period = "Stock is not known for all of the window."
cost_unknown = "Some units on hand have no cost, and are worth nothing here."
*/
WITH clock AS (SELECT (%(as_of)s AT TIME ZONE %(timezone)s)::date AS today),
-- Each row holds until the next of its platform.
held AS (
    SELECT d.*, lead(d.day, 1, 'infinity'::date) OVER (PARTITION BY d.platform ORDER BY d.day) AS until
    FROM inventory_day d
    WHERE d.tenant_id = %(tenant)s AND (%(platform)s = 'all' OR d.platform = %(platform)s)),
known AS (SELECT min(day) AS since FROM held),
-- The days of the window that have come, from the first known one where it has no beginning.
span AS (
    SELECT CASE WHEN %(from)s > '0001-01-01' THEN %(from)s ELSE since END AS first_day, least(%(to)s, today) AS last_day, since
    FROM clock, known),
days AS (SELECT each::date AS day FROM span, generate_series(first_day::timestamp, last_day::timestamp, interval '1 day') each),
lay AS (
    SELECT
        each::date AS day, sum(h.products) AS products, sum(h.on_hand) AS on_hand, sum(h.reserved) AS reserved, sum(h.incoming) AS incoming,
        sum(h.value) AS value, sum(h.uncosted) AS uncosted
    FROM span
    CROSS JOIN held h
    CROSS JOIN LATERAL generate_series(
        greatest(h.day, span.first_day)::timestamp, least(h.until - 1, span.last_day)::timestamp, interval '1 day') each
    GROUP BY each)
SELECT
    days.day AS day,
    lay.products AS products_in_stock,
    lay.on_hand AS on_hand,
    lay.reserved AS reserved,
    lay.on_hand - lay.reserved AS available,
    lay.incoming AS incoming,
    lay.value AS stock_value,
    CASE WHEN span.since IS NULL THEN 'no stock is known'
        WHEN span.since > span.first_day THEN 'stock is known from ' || span.since || ' on' END AS "warning incomplete_period",
    CASE WHEN max(lay.uncosted) OVER () > 0
        THEN 'units on hand without a cost, at most: ' || max(lay.uncosted) OVER () END AS "warning cost_unknown"
FROM days
CROSS JOIN span
LEFT JOIN lay ON lay.day = days.day
ORDER BY days.day
