-- products --
-- Those of one page of an answer, by platform and id, in one look.
SELECT p.platform, p.product_id, p.sku, p.name, p.category_id, p.active, p.created_at,
    p.cost, p.cost AS cost_exact, p.price, p.price AS price_exact
FROM unnest(%(platforms)s::text[], %(ids)s::text[]) AS asked (platform, id)
JOIN products p ON p.tenant_id = %(tenant_id)s AND p.platform = asked.platform AND p.product_id = asked.id

-- categories --
-- Those of one level of their tree.
SELECT c.platform, c.category_id, c.name, c.parent_id
FROM unnest(%(platforms)s::text[], %(ids)s::text[]) AS asked (platform, id)
JOIN categories c ON c.tenant_id = %(tenant_id)s AND c.platform = asked.platform AND c.category_id = asked.id

-- customers --
-- Without their email: figures are no address book.
SELECT c.platform, c.customer_id, c.name, c.segment, c.created_at
FROM unnest(%(platforms)s::text[], %(ids)s::text[]) AS asked (platform, id)
JOIN customers c ON c.tenant_id = %(tenant_id)s AND c.platform = asked.platform AND c.customer_id = asked.id
