/*
title = "Activity trends"
description = "What visitors did on each local day of the window, oldest first and without gaps, and how many of the visits became orders."
formula = "conversion = visitOrders / visits x 100"
source = "Analytics background jobs, activity trends; Shopify's conversion rate, with visits for sessions"
shape = "rows"
window = "trailing {days} days"
ttl = 300
prewarm = [{}, { days = 7 }, { days = 14 }]

[parameters]
days = { type = "integer", default = 30, min = 1, max = 366, doc = "How many local days, today included." }

[columns]
day = { kind = "day", doc = "The local day." }
events = { kind = "count", nullable = true, min = 0, doc = "Everything that visitors did; unknown before the first of it is known." }
visitors = { kind = "count", nullable = true, min = 0, doc = "Distinct visitors of the day; a visitor is known per platform." }
users = { kind = "count", nullable = true, min = 0, doc = "Distinct signed-in users of the day." }
visits = { kind = "count", nullable = true, min = 0, doc = "Visits." }
views = { kind = "count", nullable = true, min = 0, doc = "Looks at a product." }
carts = { kind = "count", nullable = true, min = 0, doc = "Products put into a cart." }
checkouts = { kind = "count", nullable = true, min = 0, doc = "Checkouts begun." }
signups = { kind = "count", nullable = true, min = 0, doc = "Sign-ups among the events." }
orders = { kind = "count", min = 0, doc = "Orders placed, of all platforms asked for." }
visit_orders = { kind = "count", nullable = true, min = 0, doc = "Orders of those platforms whose visits are known on that day." }
conversion = { kind = "percent", nullable = true, doc = "Those orders per hundred visits; unknown without visits." }

[warnings]
incomplete_period = "Visits are not known for all of the window."
*/
WITH known AS (
    SELECT platform, min(day) AS since
    FROM activity_day
    WHERE tenant_id = %(tenant)s AND kind = 'all' AND (%(platform)s = 'all' OR platform = %(platform)s)
    GROUP BY platform),
first_known AS (SELECT min(since) AS since FROM known),
first_sale AS (
    SELECT min(day) AS day
    FROM sales_day
    WHERE tenant_id = %(tenant)s AND (%(platform)s = 'all' OR platform = %(platform)s)),
-- Where the window has a beginning it is told from there; else from the first day of which anything is known.
days AS (
    SELECT each::date AS day
    FROM first_known, first_sale, generate_series(
        CASE WHEN %(from)s > '0001-01-01' THEN %(from)s ELSE least(first_known.since, first_sale.day) END::timestamp,
        %(to)s::timestamp, interval '1 day') each),
done AS (
    SELECT
        day,
        sum(events) FILTER (WHERE kind = 'all') AS events,
        sum(visitors) FILTER (WHERE kind = 'all') AS visitors,
        sum(users) FILTER (WHERE kind = 'all') AS users,
        sum(events) FILTER (WHERE kind = 'visit') AS visits,
        sum(events) FILTER (WHERE kind = 'view') AS views,
        sum(events) FILTER (WHERE kind = 'cart') AS carts,
        sum(events) FILTER (WHERE kind = 'checkout') AS checkouts,
        sum(events) FILTER (WHERE kind = 'signup') AS signups
    FROM activity_day
    WHERE tenant_id = %(tenant)s
      AND day BETWEEN %(from)s AND %(to)s
      AND (%(platform)s = 'all' OR platform = %(platform)s)
    GROUP BY day),
sold AS (
    SELECT s.day, sum(s.orders) AS orders, sum(s.orders) FILTER (WHERE s.day >= known.since) AS visit_orders
    FROM sales_day s
    LEFT JOIN known ON known.platform = s.platform
    WHERE s.tenant_id = %(tenant)s
      AND s.day BETWEEN %(from)s AND %(to)s
      AND (%(platform)s = 'all' OR s.platform = %(platform)s)
    GROUP BY s.day)
SELECT
    days.day AS day,
    CASE WHEN days.day >= k.since THEN coalesce(done.events, 0) END AS events,
    CASE WHEN days.day >= k.since THEN coalesce(done.visitors, 0) END AS visitors,
    CASE WHEN days.day >= k.since THEN coalesce(done.users, 0) END AS users,
    CASE WHEN days.day >= k.since THEN coalesce(done.visits, 0) END AS visits,
    CASE WHEN days.day >= k.since THEN coalesce(done.views, 0) END AS views,
    CASE WHEN days.day >= k.since THEN coalesce(done.carts, 0) END AS carts,
    CASE WHEN days.day >= k.since THEN coalesce(done.checkouts, 0) END AS checkouts,
    CASE WHEN days.day >= k.since THEN coalesce(done.signups, 0) END AS signups,
    coalesce(sold.orders, 0) AS orders,
    CASE WHEN days.day >= k.since THEN coalesce(sold.visit_orders, 0) END AS visit_orders,
    coalesce(sold.visit_orders, 0) * 100 / nullif(done.visits, 0) AS conversion,
    CASE WHEN k.since IS NULL THEN 'no visits are known'
        WHEN k.since > min(days.day) OVER () THEN 'visits are known from ' || k.since || ' on' END AS "warning incomplete_period"
FROM days
CROSS JOIN first_known k
LEFT JOIN done ON done.day = days.day
LEFT JOIN sold ON sold.day = days.day
ORDER BY days.day
