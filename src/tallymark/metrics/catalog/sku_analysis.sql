/*
title = "SKU analysis"
description = "Each product's stock at the end of the window, how fast it sells, how long it lasts, and when to order again."
formula = "daysOfInventory = available / velocity; sellThrough = units sold / (units sold + on hand) x 100; class by the share of gross sales before the product: A under 80 %, B under 95 %; safetyStock = Z x sqrt(L x sd(d)^2 + d^2 x sd(L)^2); reorderPoint = d x L + safetyStock; stockoutRisk = 1 - normal((available + incoming - d x L) / sd); of intermittent sellers by the sums of L days that there were"
source = "Shopify inventory reports (ABC, days remaining, percent sold); Heartland (sell-through); supplychainpy (safety stock)"
shape = "rows"
window = "trailing 28 days"
ttl = 1800
weight = 10
prewarm = [{}]

[parameters]
limit = { type = "integer", default = 100, min = 1, max = 1000, doc = "How many products." }
sort = { type = "text", default = "sales", allowed = ["sales", "units", "value", "days"], doc = "Gross sales, units sold or stock value, the most first; or days of inventory, the fewest first." }
dead_days = { type = "integer", default = 90, min = 1, max = 366, doc = "Without a sale for so long, stock is dead." }
lead_days = { type = "integer", default = 0, min = 0, max = 366, doc = "How long an order for more takes; 0: not known." }
lead_days_sd = { type = "integer", default = 0, min = 0, max = 366, doc = "By how much that varies: its standard deviation." }
service_level = { type = "integer", default = 95, min = 50, max = 99, doc = "In how many of a hundred such times stock should last." }

[columns]
product_id = { kind = "id", doc = "The product's id on its platform." }
platform = { kind = "id", doc = "The platform." }
sku = { kind = "text", nullable = true, doc = "Its SKU, where known." }
name = { kind = "text", doc = "Its name, or its id where it has none." }
class = { kind = "text", doc = "A, B or C." }
on_hand = { kind = "count", nullable = true, doc = "Units in all places; unknown where stock never was." }
reserved = { kind = "count", nullable = true, doc = "Units of those that are promised." }
available = { kind = "count", nullable = true, doc = "onHand - reserved." }
incoming = { kind = "count", nullable = true, doc = "Units on their way." }
stock_value = { kind = "money", nullable = true, doc = "On hand x unit cost; unknown where the cost is." }
gross_sales = { kind = "money", doc = "In the window." }
units_sold = { kind = "count", doc = "In the window." }
velocity = { kind = "ratio", doc = "Units sold a day." }
days_of_inventory = { kind = "ratio", nullable = true, doc = "Unknown without sales." }
sell_through = { kind = "percent", nullable = true, doc = "Of what was on hand or sold." }
percent_sold = { kind = "percent", nullable = true, doc = "Units sold per hundred on hand as the window began; unknown where that is." }
demand = { kind = "text", doc = "none, steady, or intermittent: sold on fewer than 1 of 1.32 of the last days: 92, or twice the lead time where that is longer, but none before the window. Safety stock, reorder point and stockout risk are of the same days." }
state = { kind = "text", doc = "unknown, out, dead, reorder or well." }
safety_stock = { kind = "ratio", nullable = true, doc = "Units; unknown without lead time or sales." }
reorder_point = { kind = "ratio", nullable = true, doc = "Units; likewise." }
stockout_risk = { kind = "percent", nullable = true, doc = "How likely more is asked for in the lead time than is available and incoming; likewise." }

[warnings]
stock_unknown = "What lay in stock is not known so far back."
*/
WITH clock AS (
    SELECT least(%(to)s, (%(as_of)s AT TIME ZONE %(timezone)s)::date) AS last_day),
noted AS (
    SELECT min(day) AS since, max(day) AS newest
    FROM inventory_day
    WHERE tenant_id = %(tenant)s AND (%(platform)s = 'all' OR platform = %(platform)s)),
-- Stock as it is, or as it was at the end of an earlier day.
levels AS (
    SELECT s.platform, s.product_id, s.on_hand, s.reserved, s.incoming, s.unit_cost
    FROM stock_level s
    WHERE s.tenant_id = %(tenant)s
      AND (%(platform)s = 'all' OR s.platform = %(platform)s)
      AND (SELECT last_day FROM clock) >= (SELECT newest FROM noted)
    UNION ALL
    SELECT s.platform, s.product_id, h.on_hand, h.reserved, h.incoming, h.unit_cost
    FROM stock_level s
    CROSS JOIN LATERAL (
        SELECT h.on_hand, h.reserved, h.incoming, h.unit_cost
        FROM stock_history h
        WHERE h.tenant_id = %(tenant)s
          AND h.platform = s.platform AND h.product_id = s.product_id AND h.day <= (SELECT last_day FROM clock)
        ORDER BY h.day DESC
        LIMIT 1) h
    WHERE s.tenant_id = %(tenant)s
      AND (%(platform)s = 'all' OR s.platform = %(platform)s)
      AND (SELECT last_day FROM clock) >= (SELECT since FROM noted)
      AND (SELECT last_day FROM clock) < (SELECT newest FROM noted)),
parts AS (
    SELECT platform, product_id, lines, units, gross
    FROM product_month
    WHERE tenant_id = %(tenant)s
      AND month BETWEEN %(months_from)s AND %(months_to)s
      AND (%(platform)s = 'all' OR platform = %(platform)s)
    UNION ALL
    SELECT platform, product_id, lines, units, gross
    FROM product_day
    WHERE tenant_id = %(tenant)s
      AND (day BETWEEN %(from)s AND least(%(months_from)s - 1, %(to)s)
        OR day BETWEEN greatest(%(months_to)s + 1, %(from)s) AND %(to)s)
      AND (%(platform)s = 'all' OR platform = %(platform)s)
    UNION ALL
    SELECT platform, product_id, -lines, -units, -gross
    FROM product_day
    WHERE tenant_id = %(tenant)s
      AND (day BETWEEN %(months_from)s AND least(%(from)s - 1, %(months_to)s)
        OR day BETWEEN greatest(%(to)s + 1, %(months_from)s) AND %(months_to)s)
      AND (%(platform)s = 'all' OR platform = %(platform)s)),
sold AS (
    SELECT platform, product_id, sum(lines) AS lines, sum(units) AS units, sum(gross) AS gross
    FROM parts
    WHERE product_id <> ''
    GROUP BY platform, product_id),
-- Demand is that of the last 92 days, or of twice the lead time where that is longer.
span AS MATERIALIZED (
    SELECT
        last_day, begins, days, least(days, greatest(92, 2 * %(lead_days)s)) AS demand_days,
        begins + greatest(days - greatest(92, 2 * %(lead_days)s), 0) AS demand_begins
    FROM (
        SELECT last_day, begins, greatest(last_day - begins + 1, 1) AS days
        FROM (
            SELECT last_day, CASE WHEN %(from)s > '0001-01-01' THEN %(from)s ELSE coalesce((
                SELECT min(day) FROM sales_day
                WHERE tenant_id = %(tenant)s AND (%(platform)s = 'all' OR platform = %(platform)s)), last_day) END AS begins
            FROM clock) b) s),
every AS (
    SELECT
        platform, product_id, l.on_hand, l.reserved, l.incoming, l.unit_cost, l.on_hand - l.reserved AS available,
        l.on_hand * l.unit_cost AS value, coalesce(s.units, 0) AS units, coalesce(s.gross, 0) AS gross
    FROM levels l
    FULL JOIN sold s USING (platform, product_id)
    WHERE s.lines <> 0 OR l.on_hand <> 0 OR l.reserved <> 0 OR l.incoming <> 0),
ranked AS (
    SELECT
        *,
        (sum(greatest(gross, 0)) OVER (ORDER BY gross DESC, product_id, platform) - greatest(gross, 0))
            / nullif(sum(greatest(gross, 0)) OVER (), 0) AS share_before
    FROM every),
shown AS MATERIALIZED (
    SELECT
        *,
        CASE %(sort)s WHEN 'sales' THEN gross WHEN 'units' THEN units WHEN 'value' THEN value
            ELSE CASE WHEN units > 0 THEN -available / units END END AS rank
    FROM ranked
    ORDER BY rank DESC NULLS LAST, product_id, platform
    LIMIT %(limit)s),
-- How far the normal distribution reaches that often, by Acklam's rational approximation.
normal AS (
    SELECT CASE WHEN p <= 0.97575
        THEN (((((-39.69683028665376 * r + 220.9460984245205) * r - 275.9285104469687) * r + 138.3577518672690) * r - 30.66479806614716) * r
                + 2.506628277459239) * (p - 0.5)
            / (((((-54.47609879822406 * r + 161.5858368580409) * r - 155.6989798598866) * r + 66.80131188771972) * r - 13.28068155288572) * r + 1)
        ELSE -(((((-0.007784894002430293 * t - 0.3223964580411365) * t - 2.400758277161838) * t - 2.549732539343734) * t + 4.374664141464968) * t
                + 2.938163982698783)
            / ((((0.007784695709041462 * t + 0.3224671290700398) * t + 2.445134137142996) * t + 3.754408661907416) * t + 1)
        END AS z
    FROM (SELECT p, (p - 0.5) * (p - 0.5) AS r, sqrt(-2 * ln(1 - p)) AS t FROM (SELECT %(service_level)s / 100.0 AS p) s) parts),
sold_days AS MATERIALIZED (
    SELECT platform, product_id, day, units
    FROM product_day
    WHERE tenant_id = %(tenant)s
      AND day = ANY ((SELECT array_agg(demand_begins + n) FROM span, generate_series(0, demand_days - 1) n)::date[])
      AND platform = ANY ((SELECT array_agg(DISTINCT platform) FROM shown)::text[])
      AND product_id = ANY ((SELECT array_agg(product_id) FROM shown)::text[])),
demand AS MATERIALIZED (
    SELECT
        platform, product_id, sum(sold_days.units) / demand_days::numeric AS mean,
        coalesce(sqrt((demand_days * sum(sold_days.units * sold_days.units) - sum(sold_days.units) * sum(sold_days.units)) / nullif(demand_days * (demand_days - 1.0), 0)), 0) AS sd,
        count(*) FILTER (WHERE sold_days.units > 0) AS days_sold
    FROM sold_days
    JOIN shown USING (platform, product_id)
    CROSS JOIN span
    GROUP BY platform, product_id, demand_days),
-- What was asked for of intermittent sellers in every stretch as long as the lead time.
stretches AS (
    SELECT
        d.platform, d.product_id, n,
        sum(coalesce(s.units, 0)) OVER (
            PARTITION BY d.platform, d.product_id ORDER BY n ROWS BETWEEN greatest(%(lead_days)s - 1, 0) PRECEDING AND CURRENT ROW) AS asked
    FROM demand d
    CROSS JOIN span
    CROSS JOIN LATERAL generate_series(0, demand_days - 1) n
    LEFT JOIN sold_days s ON s.platform = d.platform AND s.product_id = d.product_id AND s.day = demand_begins + n
    WHERE %(lead_days)s > 0 AND d.days_sold * 1.32 < demand_days),
lead AS MATERIALIZED (
    SELECT
        platform, product_id, count(*) AS sums, percentile_disc(%(service_level)s / 100.0) WITHIN GROUP (ORDER BY asked) AS quantile,
        count(*) FILTER (WHERE asked > shown.available + shown.incoming) AS above
    FROM stretches
    JOIN shown USING (platform, product_id)
    WHERE n >= %(lead_days)s - 1
    GROUP BY platform, product_id),
figures AS (
    SELECT
        shown.*, span.days, span.begins, span.demand_days, demand.mean, demand.sd, coalesce(demand.days_sold, 0) AS days_sold,
        lead.sums, lead.quantile, lead.above, normal.z,
        started.on_hand AS started_with,
        shown.on_hand > 0 AND idle.idle AS dead
    FROM shown
    CROSS JOIN span
    CROSS JOIN normal
    LEFT JOIN demand USING (platform, product_id)
    LEFT JOIN lead USING (platform, product_id)
    LEFT JOIN LATERAL (
        SELECT h.on_hand FROM stock_history h
        WHERE h.tenant_id = %(tenant)s
          AND h.platform = shown.platform AND h.product_id = shown.product_id AND h.day < span.begins
        ORDER BY h.day DESC
        LIMIT 1) started ON true
    -- Nothing sold for so long, and neither new nor out of stock meanwhile, as far as that is known.
    CROSS JOIN LATERAL (
        SELECT shown.on_hand > 0 AND shown.units = 0
            AND NOT EXISTS (
                SELECT FROM generate_series(0, CASE WHEN shown.on_hand > 0 AND shown.units = 0 THEN %(dead_days)s - 1 ELSE -1 END) n
                CROSS JOIN LATERAL (
                    SELECT p.units FROM product_day p
                    WHERE p.tenant_id = %(tenant)s
                      AND p.day = span.last_day - n AND p.platform = shown.platform AND p.product_id = shown.product_id
                    OFFSET 0) d
                WHERE d.units <> 0)
            AND NOT EXISTS (
                SELECT FROM stock_history h
                WHERE h.tenant_id = %(tenant)s
                  AND h.platform = shown.platform AND h.product_id = shown.product_id
                  AND h.day > span.last_day - %(dead_days)s AND h.day <= span.last_day AND h.on_hand <= 0)
            AND NOT EXISTS (
                SELECT FROM products c
                WHERE c.tenant_id = %(tenant)s
                  AND c.platform = shown.platform AND c.product_id = shown.product_id
                  AND (c.created_at AT TIME ZONE %(timezone)s)::date > span.last_day - %(dead_days)s) AS idle) idle),
plans AS (
    SELECT
        *,
        CASE WHEN units <= 0 OR days_sold = 0 THEN 'none' WHEN days_sold * 1.32 < demand_days THEN 'intermittent' ELSE 'steady' END AS demand,
        mean * %(lead_days)s AS lead_demand,
        sqrt(%(lead_days)s * sd * sd + mean * mean * %(lead_days_sd)s * %(lead_days_sd)s) AS lead_sd
    FROM figures),
orders AS (
    SELECT
        *,
        CASE WHEN %(lead_days)s = 0 OR demand = 'none' THEN NULL
            WHEN demand = 'intermittent' THEN quantile
            ELSE lead_demand + z * lead_sd END AS reorder_point,
        (available + incoming - lead_demand) / nullif(lead_sd, 0) AS x
    FROM plans)
SELECT
    o.product_id AS product_id,
    o.platform AS platform,
    products.sku AS sku,
    coalesce(products.name, o.product_id) AS name,
    CASE WHEN o.gross <= 0 THEN 'C' WHEN o.share_before < 0.8 THEN 'A' WHEN o.share_before < 0.95 THEN 'B' ELSE 'C' END AS class,
    o.on_hand AS on_hand,
    o.reserved AS reserved,
    o.available AS available,
    o.incoming AS incoming,
    o.value AS stock_value,
    o.gross AS gross_sales,
    o.units AS units_sold,
    o.units / o.days::numeric AS velocity,
    CASE WHEN o.units > 0 THEN o.available * o.days / o.units END AS days_of_inventory,
    CASE WHEN o.units + o.on_hand > 0 THEN o.units * 100 / (o.units + o.on_hand) END AS sell_through,
    CASE WHEN o.started_with > 0 THEN o.units * 100 / o.started_with END AS percent_sold,
    o.demand AS demand,
    CASE WHEN o.on_hand IS NULL THEN 'unknown' WHEN o.available <= 0 THEN 'out' WHEN o.dead THEN 'dead'
        WHEN o.available + o.incoming <= o.reorder_point THEN 'reorder' ELSE 'well' END AS state,
    o.reorder_point - o.lead_demand AS safety_stock,
    o.reorder_point AS reorder_point,
    -- By Abramowitz and Stegun 26.2.17; certain where demand does not vary.
    CASE WHEN o.reorder_point IS NULL OR o.on_hand IS NULL THEN NULL
        WHEN o.demand = 'intermittent' THEN o.above * 100.0 / nullif(o.sums, 0)
        WHEN o.x IS NULL THEN CASE WHEN o.lead_demand > o.available + o.incoming THEN 100 ELSE 0 END
        WHEN o.x >= 0 THEN 100 * tail.beyond
        ELSE 100 * (1 - tail.beyond) END AS stockout_risk,
    CASE WHEN noted.since IS NULL THEN 'no stock is known'
        WHEN noted.since >= o.begins THEN 'stock is known from the end of ' || noted.since || ' on' END AS "warning stock_unknown"
FROM orders o
CROSS JOIN noted
CROSS JOIN LATERAL (
    SELECT CASE WHEN abs(o.x) > 30 THEN 0 ELSE exp(-o.x * o.x / 2) / 2.506628274631
        * t * (0.319381530 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429)))) END AS beyond
    FROM (SELECT 1 / (1 + 0.2316419 * abs(o.x)) AS t) s) tail
LEFT JOIN products
    ON products.tenant_id = %(tenant)s
    AND products.platform = o.platform AND products.product_id = o.product_id
ORDER BY o.rank DESC NULLS LAST, o.product_id, o.platform
