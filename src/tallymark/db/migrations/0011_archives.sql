-- Months whose order lines lie in a Parquet file instead of order_items. The orders themselves stay, and so does all that is
-- summed of them: an archived line is missing nowhere but where lines are counted anew, and then it is brought back first.
CREATE TABLE archives (
    tenant_id   integer NOT NULL REFERENCES tenants,
    month       timestamptz NOT NULL,               -- its beginning, UTC, as the partitions are
    file        text NOT NULL,                      -- below the folder of archives, wherever that is
    lines       bigint NOT NULL,
    sha256      text NOT NULL,                      -- of the lines, in the order of their key
    archived_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (tenant_id, month)
);
SELECT isolate_tenant(ARRAY['archives']::regclass[]);
