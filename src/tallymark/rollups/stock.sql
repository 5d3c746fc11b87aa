-- What lies in stock, now and as each refresh found it. The past of stock is in no base table: stock_history is written once
-- and never made anew. Everything else here follows from the base tables and from it.

-- stock_level --
-- What lies of each product, all places together, and what a unit costs. A product that lies nowhere any more, of which
-- something is known, has zeros.
SELECT l.platform, l.product_id, sum(l.on_hand)::bigint AS on_hand, sum(l.reserved)::bigint AS reserved,
    sum(l.incoming)::bigint AS incoming, CASE WHEN bool_or(l.held) THEN p.cost END AS unit_cost
FROM ({levels}) l
LEFT JOIN products p ON p.tenant_id = %(tenant)s AND p.platform = l.platform AND p.product_id = l.product_id
GROUP BY l.platform, l.product_id, p.cost

-- levels_of_items --
-- Of the products in `claimed_item`.
SELECT l.platform, l.product_id, l.on_hand, l.reserved, l.incoming, true AS held FROM claimed_item k
CROSS JOIN LATERAL (
    SELECT * FROM inventory_levels l WHERE l.tenant_id = %(tenant)s AND l.platform = k.platform AND l.product_id = k.product_id OFFSET 0) l
UNION ALL
SELECT platform, product_id, 0, 0, 0, false FROM level_old

-- all_levels --
-- Of every product that has a level now or had one once.
SELECT platform, product_id, on_hand, reserved, incoming, true AS held FROM inventory_levels WHERE tenant_id = %(tenant)s
UNION ALL
SELECT DISTINCT platform, product_id, 0::bigint, 0::bigint, 0::bigint, false FROM stock_history WHERE tenant_id = %(tenant)s

-- worth --
-- What one level adds to the day: products with something on hand, units, their value at cost, and those without a cost.
(s.on_hand > 0)::integer AS products, s.on_hand, s.reserved, s.incoming, s.on_hand * coalesce(s.unit_cost, 0) AS value,
CASE WHEN s.unit_cost IS NULL THEN s.on_hand ELSE 0 END AS uncosted

-- changed_stock --
-- Notes the levels of the claimed products, as those of the day at hand, where they are others than before. The newest day
-- never goes back, whatever a clock says.
WITH claimed_item AS MATERIALIZED (
    SELECT DISTINCT platform, product_id FROM unnest(%(item_platform)s::text[], %(product_id)s::text[]) AS k (platform, product_id)),
level_old AS MATERIALIZED (
    SELECT s.* FROM claimed_item k
    CROSS JOIN LATERAL (
        SELECT {columns} FROM stock_level s WHERE s.tenant_id = %(tenant)s AND s.platform = k.platform AND s.product_id = k.product_id OFFSET 0) s),
level_new AS MATERIALIZED (
    SELECT {columns} FROM ({stock_level}) n EXCEPT SELECT {columns} FROM level_old),
level_put AS (
    INSERT INTO stock_level (tenant_id, {columns}) SELECT %(tenant)s, {columns} FROM level_new
    ON CONFLICT (tenant_id, platform, product_id) DO UPDATE SET {replaced}),
at AS MATERIALIZED (
    SELECT greatest((%(as_of)s AT TIME ZONE %(timezone)s)::date, max(day)) AS day FROM inventory_day WHERE tenant_id = %(tenant)s),
history_put AS (
    INSERT INTO stock_history (tenant_id, day, {columns}) SELECT %(tenant)s, day, {columns} FROM level_new CROSS JOIN at
    ON CONFLICT (tenant_id, platform, product_id, day) DO UPDATE SET {replaced}),
moved AS (
    SELECT platform, {moved}
    FROM (
        SELECT s.platform, 1 AS sgn, {worth} FROM level_new s
        UNION ALL
        SELECT s.platform, -1, {worth} FROM level_old s JOIN level_new USING (platform, product_id)) w
    GROUP BY platform),
inventory_day_put AS (
    INSERT INTO inventory_day (tenant_id, day, platform, {measures})
    SELECT %(tenant)s, at.day, m.platform, {carried}
    FROM moved m
    CROSS JOIN at
    LEFT JOIN LATERAL (
        SELECT * FROM inventory_day d WHERE d.tenant_id = %(tenant)s AND d.platform = m.platform ORDER BY d.day DESC LIMIT 1) b ON true
    ON CONFLICT (tenant_id, day, platform) DO UPDATE SET {totals_replaced})
SELECT count(*) FROM level_new

-- place_stock_level --
-- Every product's level, where nothing is kept yet.
INSERT INTO stock_level (tenant_id, {columns}) SELECT %(tenant)s, {columns} FROM ({stock_level}) n

-- place_stock_history --
-- Notes the levels that are others than those noted last.
INSERT INTO stock_history (tenant_id, day, {columns})
SELECT %(tenant)s, greatest((%(as_of)s AT TIME ZONE %(timezone)s)::date, (SELECT max(day) FROM stock_history WHERE tenant_id = %(tenant)s)), {columns}
FROM (
    SELECT {columns} FROM stock_level WHERE tenant_id = %(tenant)s
    EXCEPT
    (SELECT DISTINCT ON (platform, product_id) {columns} FROM stock_history WHERE tenant_id = %(tenant)s ORDER BY platform, product_id, day DESC)) n
ON CONFLICT (tenant_id, platform, product_id, day) DO UPDATE SET {replaced}

-- inventory_day --
-- Each day on which a level was noted: the sum of all levels as they stood at its end.
SELECT day, platform, {running}
FROM (
    SELECT day, platform, {steps}
    FROM (
        SELECT s.day, s.platform, s.product_id, {worth} FROM stock_history s WHERE s.tenant_id = %(tenant)s) w
    WINDOW product AS (PARTITION BY platform, product_id ORDER BY day)) d
GROUP BY day, platform
WINDOW days AS (PARTITION BY platform ORDER BY day)

-- place_inventory_day --
-- All of them, where nothing is kept yet.
INSERT INTO inventory_day (tenant_id, day, platform, {measures}) SELECT %(tenant)s, day, platform, {measures} FROM ({inventory_day}) n
