-- glance --
-- Why: how all shops of a person stand, in one statement however many there are.
SELECT tenant_id, version, published_at, checked_at, data_through, last_run, refreshing, first_day, last_day, computed_at, figures
FROM shops_of(%(person)s, %(metric)s, %(question)s, %(lock_class)s)
