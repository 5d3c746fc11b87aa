-- Sales of categories. A product counts in the category that is stored of it; `product_category` says which one that was when it
-- was last counted, so that all its days move when the category is another.

-- delta_of_changes --
-- What changed products add to the categories they are counted in.
SELECT s.day, s.platform, coalesce(c.category_id, '') AS category_id, {measures}
FROM product_day_sum s
LEFT JOIN LATERAL (
    SELECT category_id FROM product_category c
    WHERE c.tenant_id = %(tenant)s AND c.platform = s.platform AND c.product_id = s.product_id OFFSET 0) c ON true

-- delta_of_a_build --
-- The same for many at once.
SELECT s.day, s.platform, coalesce(c.category_id, '') AS category_id, {measures}
FROM product_day_sum s
LEFT JOIN product_category c ON c.tenant_id = %(tenant)s AND c.platform = s.platform AND c.product_id = s.product_id

-- place_product_category --
-- The category of every product that stands in one, where nothing is counted yet.
INSERT INTO product_category (tenant_id, platform, product_id, category_id)
SELECT tenant_id, platform, product_id, category_id FROM products WHERE tenant_id = %(tenant)s AND category_id <> ''

-- moved_products --
-- Which of these products are counted in another category than the one stored of them.
SELECT k.platform, k.product_id, coalesce(c.category_id, ''), coalesce(p.category_id, '')
FROM unnest(%(platform)s::text[], %(product_id)s::text[]) AS k (platform, product_id)
LEFT JOIN LATERAL (
    SELECT category_id FROM product_category c
    WHERE c.tenant_id = %(tenant)s AND c.platform = k.platform AND c.product_id = k.product_id OFFSET 0) c ON true
LEFT JOIN LATERAL (
    SELECT category_id FROM products p
    WHERE p.tenant_id = %(tenant)s AND p.platform = k.platform AND p.product_id = k.product_id OFFSET 0) p ON true
WHERE coalesce(c.category_id, '') <> coalesce(p.category_id, '')

-- changed_categories --
-- Every day of the moved products, off the category before and onto the one now.
product_moved AS MATERIALIZED (
    SELECT * FROM unnest(%(platform)s::text[], %(product_id)s::text[], %(category_before)s::text[], %(category_now)s::text[])
        AS k (platform, product_id, category_before, category_now)),
category_delta AS MATERIALIZED (
    SELECT s.day, s.platform, side.category_id, {signed}
    FROM ({days}) s
    CROSS JOIN LATERAL (VALUES (-1, s.category_before), (1, s.category_now)) AS side (sgn, category_id)),
product_category_gone AS (
    DELETE FROM product_category c USING product_moved m
    WHERE c.tenant_id = %(tenant)s AND c.platform = m.platform AND c.product_id = m.product_id AND m.category_now = ''),
product_category_put AS (
    INSERT INTO product_category (tenant_id, platform, product_id, category_id)
    SELECT %(tenant)s, platform, product_id, category_now FROM product_moved WHERE category_now <> ''
    ON CONFLICT (tenant_id, platform, product_id) DO UPDATE SET category_id = EXCLUDED.category_id)

-- days_of_few --
-- The days of some products, each looked up: the key of product_day begins with the day.
SELECT m.*, d.*
FROM product_moved m
CROSS JOIN (SELECT DISTINCT day FROM sales_day WHERE tenant_id = %(tenant)s) each_day
CROSS JOIN LATERAL (
    SELECT day, {measures} FROM product_day s
    WHERE s.tenant_id = %(tenant)s AND s.day = each_day.day AND s.platform = m.platform AND s.product_id = m.product_id OFFSET 0) d

-- days_of_many --
-- The same where reading all days is quicker.
SELECT m.*, s.day, {measures} FROM product_moved m JOIN product_day s USING (platform, product_id) WHERE s.tenant_id = %(tenant)s
