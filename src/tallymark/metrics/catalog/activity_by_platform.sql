/*
title = "Activity by platform"
description = "What visitors did on each platform in the window, and how many of the visits became orders; the most visited first."
formula = "conversion = visitOrders / visits x 100"
source = "Shopify's conversion rate, with visits for sessions"
shape = "rows"
window = "trailing {days} days"
ttl = 300

[parameters]
days = { type = "integer", default = 30, min = 1, max = 366, doc = "How many local days, today included." }

[columns]
platform = { kind = "id", doc = "The platform." }
visits = { kind = "count", nullable = true, min = 0, doc = "Visits; unknown, as all that visitors do, before the first of it is known." }
views = { kind = "count", nullable = true, min = 0, doc = "Looks at a product." }
carts = { kind = "count", nullable = true, min = 0, doc = "Products put into a cart." }
checkouts = { kind = "count", nullable = true, min = 0, doc = "Checkouts begun." }
signups = { kind = "count", nullable = true, min = 0, doc = "Sign-ups among the events." }
orders = { kind = "count", min = 0, doc = "Orders placed." }
visit_orders = { kind = "count", nullable = true, min = 0, doc = "Orders placed on days whose visits are known." }
conversion = { kind = "percent", nullable = true, doc = "Those orders per hundred visits; unknown without visits." }

[warnings]
incomplete_period = "Visits of a platform are not known for all of the window."
*/
WITH known AS (
    SELECT platform, min(day) AS since
    FROM activity_day
    WHERE tenant_id = %(tenant)s AND kind = 'all' AND (%(platform)s = 'all' OR platform = %(platform)s)
    GROUP BY platform),
done AS (
    SELECT
        platform,
        sum(events) FILTER (WHERE kind = 'visit') AS visits,
        sum(events) FILTER (WHERE kind = 'view') AS views,
        sum(events) FILTER (WHERE kind = 'cart') AS carts,
        sum(events) FILTER (WHERE kind = 'checkout') AS checkouts,
        sum(events) FILTER (WHERE kind = 'signup') AS signups
    FROM activity_day
    WHERE tenant_id = %(tenant)s
      AND day BETWEEN %(from)s AND %(to)s
      AND (%(platform)s = 'all' OR platform = %(platform)s)
    GROUP BY platform),
sold AS (
    SELECT s.platform, sum(s.orders) AS orders, sum(s.orders) FILTER (WHERE s.day >= known.since) AS visit_orders
    FROM sales_day s
    LEFT JOIN known ON known.platform = s.platform
    WHERE s.tenant_id = %(tenant)s
      AND s.day BETWEEN %(from)s AND %(to)s
      AND (%(platform)s = 'all' OR s.platform = %(platform)s)
    GROUP BY s.platform
    HAVING sum(s.orders) > 0),
-- Those of which anything is known by the end of the window.
each_platform AS (
    SELECT platform FROM known WHERE since <= %(to)s
    UNION
    SELECT platform FROM sold)
SELECT
    e.platform AS platform,
    CASE WHEN k.since <= %(to)s THEN coalesce(done.visits, 0) END AS visits,
    CASE WHEN k.since <= %(to)s THEN coalesce(done.views, 0) END AS views,
    CASE WHEN k.since <= %(to)s THEN coalesce(done.carts, 0) END AS carts,
    CASE WHEN k.since <= %(to)s THEN coalesce(done.checkouts, 0) END AS checkouts,
    CASE WHEN k.since <= %(to)s THEN coalesce(done.signups, 0) END AS signups,
    coalesce(sold.orders, 0) AS orders,
    CASE WHEN k.since <= %(to)s THEN coalesce(sold.visit_orders, 0) END AS visit_orders,
    coalesce(sold.visit_orders, 0) * 100 / nullif(done.visits, 0) AS conversion,
    CASE WHEN k.since IS NULL OR k.since > %(to)s THEN 'no visits of ' || e.platform || ' are known'
        WHEN %(from)s > '0001-01-01' AND k.since > %(from)s THEN 'visits of ' || e.platform || ' are known from ' || k.since || ' on'
    END AS "warning incomplete_period"
FROM each_platform e
LEFT JOIN known k ON k.platform = e.platform
LEFT JOIN done ON done.platform = e.platform
LEFT JOIN sold ON sold.platform = e.platform
ORDER BY visits DESC NULLS LAST, orders DESC, platform
