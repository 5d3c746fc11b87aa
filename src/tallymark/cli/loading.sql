-- analyze --
-- What a build plans by. Autovacuum would find out too, minutes later; a first build without it takes ten times as long.
ANALYZE orders, order_items, refunds, expenses
