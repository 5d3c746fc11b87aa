-- The queue that workers take runs from, in a schema of its own, as its package makes it. Nobody but the engine looks in here.
CREATE SCHEMA tallymark_jobs;
SET LOCAL search_path = tallymark_jobs;
-- include procrastinate: sql/schema.sql
