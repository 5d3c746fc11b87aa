-- What lay in stock on a day is what was noted last of each product: stock_history is the only record of it. How far the
-- normal distribution reaches is taken from its table, and how much of it lies beyond from small steps of its curve.
WITH noted AS (SELECT * FROM stock_history WHERE tenant_id = %(tenant)s AND %(platform)s IN ('all', platform)),
line AS (
    SELECT platform, product_id, day, units, gross FROM plain_lines
    WHERE tenant_id = %(tenant)s AND %(platform)s IN ('all', platform) AND product_id <> ''),
normal (level, z) AS (VALUES (50, 0.0000000000), (51, 0.0250689083), (52, 0.0501535835), (53, 0.0752698621), (54, 0.1004337205), (55, 0.1256613469),
    (56, 0.1509692155), (57, 0.1763741648), (58, 0.2018934791), (59, 0.2275449766), (60, 0.2533471031), (61, 0.2793190344),
    (62, 0.3054807881), (63, 0.3318533464), (64, 0.3584587933), (65, 0.3853204664), (66, 0.4124631294), (67, 0.4399131657),
    (68, 0.4676987991), (69, 0.4958503473), (70, 0.5244005127), (71, 0.5533847196), (72, 0.5828415073), (73, 0.6128129910),
    (74, 0.6433454054), (75, 0.6744897502), (76, 0.7063025628), (77, 0.7388468492), (78, 0.7721932142), (79, 0.8064212470),
    (80, 0.8416212336), (81, 0.8778962951), (82, 0.9153650878), (83, 0.9541652531), (84, 0.9944578832), (85, 1.0364333895),
    (86, 1.0803193408), (87, 1.1263911290), (88, 1.1749867921), (89, 1.2265281200), (90, 1.2815515655), (91, 1.3407550337),
    (92, 1.4050715603), (93, 1.4757910282), (94, 1.5547735946), (95, 1.6448536270), (96, 1.7506860713), (97, 1.8807936082),
    (98, 2.0537489106), (99, 2.3263478740)),
span AS (
    SELECT last_day, begins, greatest(last_day - begins + 1, 1) AS days,
        -- Demand is that of the last days only.
        least(greatest(last_day - begins + 1, 1), greatest(92, 2 * %(lead_days)s)) AS demand_days
    FROM (
        SELECT last_day, CASE WHEN %(first)s > '0001-01-01' THEN %(first)s ELSE coalesce((
            SELECT min(day) FROM (
                SELECT (placed_at AT TIME ZONE %(timezone)s)::date AS day FROM orders
                WHERE tenant_id = %(tenant)s AND %(platform)s IN ('all', platform) AND status <> 'cancelled' AND NOT test
                UNION SELECT day FROM plain_refunds WHERE tenant_id = %(tenant)s AND %(platform)s IN ('all', platform)
                UNION SELECT order_day FROM plain_refunds WHERE tenant_id = %(tenant)s AND %(platform)s IN ('all', platform)) d), last_day) END AS begins
        FROM (SELECT least(%(last)s, (%(as_of)s AT TIME ZONE %(timezone)s)::date) AS last_day) l) s),
level AS (
    SELECT DISTINCT ON (platform, product_id) platform, product_id, on_hand, reserved, incoming, unit_cost
    FROM noted, span WHERE day <= last_day ORDER BY platform, product_id, day DESC),
sold AS (
    SELECT platform, product_id, sum(units) AS units, sum(gross) AS gross FROM line
    WHERE day BETWEEN %(first)s AND %(last)s GROUP BY platform, product_id),
item AS (
    SELECT
        platform, product_id, on_hand, reserved, incoming, on_hand - reserved AS available, on_hand * unit_cost AS value,
        coalesce(units, 0) AS units, coalesce(gross, 0) AS gross
    FROM level FULL JOIN sold USING (platform, product_id)
    WHERE units IS NOT NULL OR (on_hand, reserved, incoming) <> (0, 0, 0)),
classed AS (
    SELECT i.*, (SELECT sum(o.gross) FROM item o WHERE o.gross > 0 AND (
            o.gross > i.gross OR (o.gross = i.gross AND (o.product_id, o.platform) < (i.product_id, i.platform)))) AS before,
        (SELECT sum(o.gross) FROM item o WHERE o.gross > 0) AS whole
    FROM item i),
daily AS (
    SELECT i.platform, i.product_id, d::date AS day, (
        SELECT coalesce(sum(units), 0) FROM line l WHERE (l.platform, l.product_id, l.day) = (i.platform, i.product_id, d::date)) AS units
    FROM item i, span, generate_series((begins + days - demand_days)::timestamp, (begins + days - 1)::timestamp, '1 day') d),
demand AS (
    SELECT platform, product_id, avg(units) AS mean, coalesce(stddev_samp(units), 0) AS sd, count(*) FILTER (WHERE units > 0) AS days_sold
    FROM daily GROUP BY platform, product_id),
stretch AS (
    SELECT a.platform, a.product_id, a.day, sum(b.units) AS asked
    FROM daily a JOIN daily b USING (platform, product_id), span
    WHERE %(lead_days)s > 0 AND b.day BETWEEN a.day AND a.day + %(lead_days)s - 1 AND a.day + %(lead_days)s - 1 <= begins + days - 1
    GROUP BY a.platform, a.product_id, a.day),
plan AS (
    SELECT
        c.*, d.*, days, demand_days, begins, last_day, z,
        CASE WHEN units <= 0 OR days_sold = 0 THEN 'none' WHEN demand_days::numeric / days_sold > 1.32 THEN 'intermittent' ELSE 'steady' END AS demand,
        mean * %(lead_days)s AS lead_demand,
        sqrt(%(lead_days)s * sd ^ 2 + mean ^ 2 * %(lead_days_sd)s ^ 2) AS lead_sd
    FROM (SELECT classed.*, platform AS p, product_id AS i FROM classed) c
    JOIN (SELECT platform AS p, product_id AS i, mean, sd, days_sold FROM demand) d USING (p, i), span, normal
    WHERE level = %(service_level)s),
figure AS (
    SELECT *, CASE
        WHEN %(lead_days)s = 0 OR demand = 'none' THEN NULL
        WHEN demand = 'steady' THEN lead_demand + z * lead_sd
        ELSE (SELECT min(asked) FROM stretch s WHERE (s.platform, s.product_id) = (p.platform, p.product_id) AND (
            SELECT count(*) FROM stretch t WHERE (t.platform, t.product_id) = (p.platform, p.product_id) AND t.asked <= s.asked) * 100
            >= %(service_level)s * (SELECT count(*) FROM stretch t WHERE (t.platform, t.product_id) = (p.platform, p.product_id))) END AS reorder
    FROM plan p)
SELECT
    f.product_id AS "productId", f.platform, p.sku, coalesce(p.name, f.product_id) AS name,
    CASE WHEN f.gross <= 0 THEN 'C' WHEN coalesce(before, 0) < 0.8 * whole THEN 'A' WHEN coalesce(before, 0) < 0.95 * whole THEN 'B' ELSE 'C' END AS class,
    on_hand AS "onHand", reserved, available, incoming, value AS "stockValue", gross AS "grossSales", units AS "unitsSold",
    units / days::numeric AS velocity,
    CASE WHEN units > 0 THEN available / (units / days::numeric) END AS "daysOfInventory",
    CASE WHEN units + on_hand > 0 THEN 100.0 * units / (units + on_hand) END AS "sellThrough",
    (SELECT CASE WHEN n.on_hand > 0 THEN 100.0 * units / n.on_hand END FROM noted n
     WHERE (n.platform, n.product_id) = (f.platform, f.product_id) AND n.day < begins ORDER BY n.day DESC LIMIT 1) AS "percentSold",
    demand,
    CASE
        WHEN on_hand IS NULL THEN 'unknown'
        WHEN available <= 0 THEN 'out'
        WHEN on_hand > 0 AND units = 0 AND coalesce((p.created_at AT TIME ZONE %(timezone)s)::date, '0001-01-01') <= last_day - %(dead_days)s
            AND NOT EXISTS (
                SELECT FROM line l WHERE (l.platform, l.product_id) = (f.platform, f.product_id) AND l.day > last_day - %(dead_days)s AND l.day <= last_day
                GROUP BY l.day HAVING sum(l.units) <> 0)
            AND NOT EXISTS (
                SELECT FROM noted n WHERE (n.platform, n.product_id) = (f.platform, f.product_id) AND n.on_hand <= 0
                AND n.day > last_day - %(dead_days)s AND n.day <= last_day) THEN 'dead'
        WHEN available + incoming <= reorder THEN 'reorder'
        ELSE 'well' END AS state,
    reorder - lead_demand AS "safetyStock",
    reorder AS "reorderPoint",
    CASE
        WHEN reorder IS NULL OR on_hand IS NULL THEN NULL
        WHEN demand = 'intermittent' THEN (
            SELECT 100.0 * count(*) FILTER (WHERE asked > available + incoming) / nullif(count(*), 0) FROM stretch s
            WHERE (s.platform, s.product_id) = (f.platform, f.product_id))
        WHEN lead_sd = 0 THEN CASE WHEN lead_demand > available + incoming THEN 100 ELSE 0 END
        ELSE 100 * (0.5 - sign(x) * (
            SELECT sum(exp(-power((n + 0.5) * least(abs(x), 9) / 2000, 2) / 2)) * least(abs(x), 9) / 2000 / sqrt(2 * pi())
            FROM generate_series(0, 1999) n)) END::numeric AS "stockoutRisk"
FROM (SELECT *, ((available + incoming - lead_demand) / nullif(lead_sd, 0))::float AS x FROM figure) f
LEFT JOIN (SELECT * FROM products WHERE tenant_id = %(tenant)s) p USING (platform, product_id)
ORDER BY CASE %(sort)s WHEN 'sales' THEN gross WHEN 'units' THEN units WHEN 'value' THEN value
    ELSE CASE WHEN units > 0 THEN -available * days / units END END DESC NULLS LAST, f.product_id, f.platform
LIMIT %(limit)s
