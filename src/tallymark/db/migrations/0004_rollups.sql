-- What a refresh keeps ready. Facts hold what each order and refund last contributed; rollups are sums of facts by local day.
-- Everything here can be rebuilt from the base tables, but for stock_history.

-- One row per order that counts: neither cancelled nor test. lines: parallel arrays, one element per line, order discount included.
-- Amounts are in the tenant's currency: those of an order in another one are multiplied by the rate of its day, unrounded.
-- Where there is no rate, the order is kept with orders = 0 and foreign_orders = 1: it is told of, never summed.
CREATE TABLE order_fact (
    tenant_id      integer NOT NULL,
    placed_at      timestamptz NOT NULL,
    platform       text COLLATE "C" NOT NULL,
    order_id       text COLLATE "C" NOT NULL,
    day            date NOT NULL,
    hour           smallint NOT NULL,
    customer_id    text COLLATE "C",
    segment        text COLLATE "C" NOT NULL,          -- stored of the customer when this was last counted; '' where none is
    sales_rep_id   text COLLATE "C",
    orders         integer NOT NULL,
    foreign_orders integer NOT NULL,
    costed_lines   integer NOT NULL,                 -- how many lines have a known cost
    uncosted_lines integer NOT NULL,                 -- and how many not, a line of nothing but a discount aside
    units          bigint NOT NULL,
    gross          numeric NOT NULL,
    discounts      numeric NOT NULL,
    shipping       numeric NOT NULL,
    tax            numeric NOT NULL,
    total          numeric NOT NULL,
    cost           numeric NOT NULL,                 -- of the lines whose cost is known
    costed_net     numeric NOT NULL,                 -- gross - discount of those same lines
    line_product   text[] NOT NULL,                  -- '' where a line names no product
    line_quantity  bigint[] NOT NULL,
    line_gross     numeric[] NOT NULL,
    line_discount  numeric[] NOT NULL,
    line_cost      numeric[] NOT NULL,               -- quantity x unit cost; null where the cost was not recorded
    PRIMARY KEY (tenant_id, placed_at, platform, order_id)
) PARTITION BY RANGE (placed_at);
CREATE INDEX order_fact_of_customer ON order_fact (tenant_id, platform, customer_id) WHERE customer_id IS NOT NULL;

-- One row per refunded line that counts: its order, where known, is neither cancelled nor test nor foreign.
CREATE TABLE refund_fact (
    tenant_id    integer NOT NULL,
    platform     text COLLATE "C" NOT NULL,
    refund_id    text COLLATE "C" NOT NULL,
    line_id      text COLLATE "C" NOT NULL,
    refunded_at  timestamptz NOT NULL,
    day          date NOT NULL,
    hour         smallint NOT NULL,
    order_day    date NOT NULL,                      -- the day of its order; its own day where the order is not known
    order_hour   smallint NOT NULL,
    product_id   text COLLATE "C" NOT NULL,          -- '' where not attributed to a product
    customer_id  text COLLATE "C",
    segment      text COLLATE "C" NOT NULL,            -- of that customer, as in order_fact
    sales_rep_id text COLLATE "C",
    quantity     bigint NOT NULL,
    amount       numeric NOT NULL,
    PRIMARY KEY (tenant_id, platform, refund_id, line_id)
);
CREATE INDEX refund_fact_by_time ON refund_fact (tenant_id, refunded_at);
CREATE INDEX refund_fact_by_order_day ON refund_fact (tenant_id, order_day);
CREATE INDEX refund_fact_of_customer ON refund_fact (tenant_id, platform, customer_id) WHERE customer_id IS NOT NULL;

-- The measures of sales by local day and platform. returns*: on the day of the refund; order_returns*: on the order's day.
CREATE TABLE sales_day (
    tenant_id       integer NOT NULL,
    day             date NOT NULL,
    platform        text COLLATE "C" NOT NULL,
    orders          bigint NOT NULL,
    foreign_orders  bigint NOT NULL,
    units           bigint NOT NULL,
    gross           numeric NOT NULL,
    discounts       numeric NOT NULL,
    shipping        numeric NOT NULL,
    tax             numeric NOT NULL,
    total           numeric NOT NULL,
    cost            numeric NOT NULL,
    costed_net      numeric NOT NULL,                -- net of the lines whose cost is known
    costed_lines    bigint NOT NULL,                 -- how many those are
    uncosted_lines  bigint NOT NULL,                 -- lines whose cost is not known, a line of nothing but a discount aside
    refunds         bigint NOT NULL,
    returned_units  bigint NOT NULL,
    returns         numeric NOT NULL,
    order_refunds        bigint NOT NULL,
    order_returned_units bigint NOT NULL,
    order_returns        numeric NOT NULL,
    PRIMARY KEY (tenant_id, day, platform)
) WITH (fillfactor = 80);

CREATE TABLE sales_hour (
    tenant_id       integer NOT NULL,
    day             date NOT NULL,
    hour            smallint NOT NULL,
    platform        text COLLATE "C" NOT NULL,
    orders          bigint NOT NULL,
    units           bigint NOT NULL,
    gross           numeric NOT NULL,
    discounts       numeric NOT NULL,
    shipping        numeric NOT NULL,
    tax             numeric NOT NULL,
    total           numeric NOT NULL,
    returns         numeric NOT NULL,
    order_returns   numeric NOT NULL,
    PRIMARY KEY (tenant_id, day, hour, platform)
) WITH (fillfactor = 80);

-- product_id '' holds what belongs to no product, so that products always sum to the day.
CREATE TABLE product_day (
    tenant_id       integer NOT NULL,
    day             date NOT NULL,
    platform        text COLLATE "C" NOT NULL,
    product_id      text COLLATE "C" NOT NULL,
    lines           bigint NOT NULL,
    negatives       bigint NOT NULL,                 -- lines whose quantity, net or cost is below zero, and refunds; without any, no part exceeds the whole
    units           bigint NOT NULL,
    gross           numeric NOT NULL,
    discounts       numeric NOT NULL,
    cost            numeric NOT NULL,
    costed_net      numeric NOT NULL,
    returned_units  bigint NOT NULL,
    returns         numeric NOT NULL,
    order_returned_units bigint NOT NULL,
    order_returns        numeric NOT NULL,
    PRIMARY KEY (tenant_id, day, platform, product_id)
) WITH (fillfactor = 90);

-- The same by local month (its first day), for long ranges.
CREATE TABLE product_month (LIKE product_day INCLUDING ALL) WITH (fillfactor = 90);
ALTER TABLE product_month RENAME COLUMN day TO month;

-- And of all time, which is what most people look at.
CREATE TABLE product_total (LIKE product_day INCLUDING ALL) WITH (fillfactor = 90);
ALTER TABLE product_total DROP COLUMN day, ADD PRIMARY KEY (tenant_id, platform, product_id);

-- The category each product is counted in, where it stands in one; a refresh makes it the one stored of the product.
CREATE TABLE product_category (
    tenant_id   integer NOT NULL,
    platform    text COLLATE "C" NOT NULL,
    product_id  text COLLATE "C" NOT NULL,
    category_id text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, platform, product_id)
);

-- By category, its subcategories not included; '' is what stands in none, so that categories always sum to the day.
CREATE TABLE category_day (
    tenant_id       integer NOT NULL,
    day             date NOT NULL,
    platform        text COLLATE "C" NOT NULL,
    category_id     text COLLATE "C" NOT NULL,
    units           bigint NOT NULL,
    gross           numeric NOT NULL,
    discounts       numeric NOT NULL,
    cost            numeric NOT NULL,
    costed_net      numeric NOT NULL,
    returns         numeric NOT NULL,
    order_returns   numeric NOT NULL,
    PRIMARY KEY (tenant_id, day, platform, category_id)
) WITH (fillfactor = 80);

-- The same by local month, for long ranges.
CREATE TABLE category_month (LIKE category_day INCLUDING ALL) WITH (fillfactor = 80);
ALTER TABLE category_month RENAME COLUMN day TO month;

-- How many products were sold in a local month, those with lines, '' not counted.
CREATE TABLE assortment_month (
    tenant_id integer NOT NULL,
    month     date NOT NULL,
    platform  text COLLATE "C" NOT NULL,
    products  bigint NOT NULL,
    PRIMARY KEY (tenant_id, month, platform)
) WITH (fillfactor = 80);

CREATE TABLE rep_day (
    tenant_id       integer NOT NULL,
    day             date NOT NULL,
    platform        text COLLATE "C" NOT NULL,
    sales_rep_id    text COLLATE "C" NOT NULL,
    orders          bigint NOT NULL,
    units           bigint NOT NULL,
    gross           numeric NOT NULL,
    discounts       numeric NOT NULL,
    total           numeric NOT NULL,
    cost            numeric NOT NULL,
    costed_net      numeric NOT NULL,
    returns         numeric NOT NULL,
    order_returns   numeric NOT NULL,
    PRIMARY KEY (tenant_id, day, platform, sales_rep_id)
) WITH (fillfactor = 80);

-- By the segment stored of the customer; '' is what belongs to none, guests too, so that segments always sum to the day.
CREATE TABLE segment_day (
    tenant_id       integer NOT NULL,
    day             date NOT NULL,
    platform        text COLLATE "C" NOT NULL,
    segment         text COLLATE "C" NOT NULL,
    orders          bigint NOT NULL,
    units           bigint NOT NULL,
    gross           numeric NOT NULL,
    discounts       numeric NOT NULL,
    cost            numeric NOT NULL,
    costed_net      numeric NOT NULL,
    returns         numeric NOT NULL,
    order_returns   numeric NOT NULL,
    PRIMARY KEY (tenant_id, day, platform, segment)
) WITH (fillfactor = 80);

-- Made anew for whole days that hold a changed row (see rollups/days.py).
CREATE TABLE expense_day (
    tenant_id integer NOT NULL,
    day       date NOT NULL,
    platform  text COLLATE "C" NOT NULL,
    category  text COLLATE "C" NOT NULL,
    amount    numeric NOT NULL,
    expenses  bigint NOT NULL,
    PRIMARY KEY (tenant_id, day, platform, category)
);

-- What visitors did; kind 'all' holds each visitor and user of the day once. Visitors and users are known per platform.
CREATE TABLE activity_day (
    tenant_id integer NOT NULL,
    day       date NOT NULL,
    platform  text COLLATE "C" NOT NULL,
    kind      text COLLATE "C" NOT NULL,
    events    bigint NOT NULL,
    visitors  bigint NOT NULL,
    users     bigint NOT NULL,
    PRIMARY KEY (tenant_id, day, platform, kind)
);

CREATE TABLE activity_hour (
    tenant_id integer NOT NULL,
    day       date NOT NULL,
    hour      smallint NOT NULL,
    platform  text COLLATE "C" NOT NULL,
    events    bigint NOT NULL,
    visits    bigint NOT NULL,
    visitors  bigint NOT NULL,
    PRIMARY KEY (tenant_id, day, hour, platform)
);

CREATE TABLE item_day (
    tenant_id  integer NOT NULL,
    day        date NOT NULL,
    platform   text COLLATE "C" NOT NULL,
    product_id text COLLATE "C" NOT NULL,
    views      bigint NOT NULL,
    carts      bigint NOT NULL,
    checkouts  bigint NOT NULL,
    PRIMARY KEY (tenant_id, day, platform, product_id)
);

-- Customers by the day they were created.
CREATE TABLE signup_day (
    tenant_id integer NOT NULL,
    day       date NOT NULL,
    platform  text COLLATE "C" NOT NULL,
    customers bigint NOT NULL,
    PRIMARY KEY (tenant_id, day, platform)
);

-- What lies of each product in all places, with its cost; zeros where it lies nowhere any more.
CREATE TABLE stock_level (
    tenant_id  integer NOT NULL,
    platform   text COLLATE "C" NOT NULL,
    product_id text COLLATE "C" NOT NULL,
    on_hand    bigint NOT NULL,
    reserved   bigint NOT NULL,
    incoming   bigint NOT NULL,
    unit_cost  numeric,
    PRIMARY KEY (tenant_id, platform, product_id)
) WITH (fillfactor = 80);

-- The same as a refresh found it at the end of a local day, where it was another than before. The past of stock is nowhere
-- else: a build adds to this table and never clears it, and the newest row of each product is its stock_level.
CREATE TABLE stock_history (
    tenant_id  integer NOT NULL,
    platform   text COLLATE "C" NOT NULL,
    product_id text COLLATE "C" NOT NULL,
    day        date NOT NULL,
    on_hand    bigint NOT NULL,
    reserved   bigint NOT NULL,
    incoming   bigint NOT NULL,
    unit_cost  numeric,
    PRIMARY KEY (tenant_id, platform, product_id, day)
) WITH (fillfactor = 90);

-- All of a platform's stock at the end of each day on which any of it was noted; it lies unchanged until the next such day.
CREATE TABLE inventory_day (
    tenant_id integer NOT NULL,
    day       date NOT NULL,
    platform  text COLLATE "C" NOT NULL,
    products  bigint NOT NULL,                       -- with something on hand
    on_hand   bigint NOT NULL,
    reserved  bigint NOT NULL,
    incoming  bigint NOT NULL,
    value     numeric NOT NULL,                      -- on hand x unit cost, where the cost is known
    uncosted  bigint NOT NULL,                       -- on hand of those whose cost is not
    PRIMARY KEY (tenant_id, day, platform)
) WITH (fillfactor = 80);

-- Each local day a customer bought, with the customer's previous such day (-infinity: the first).
-- A customer is known per platform; orders without a customer (guests) are in none of these.
CREATE TABLE customer_day (
    tenant_id   integer NOT NULL,
    platform    text COLLATE "C" NOT NULL,
    customer_id text COLLATE "C" NOT NULL,
    day         date NOT NULL,
    orders      bigint NOT NULL,
    gross       numeric NOT NULL,
    discounts   numeric NOT NULL,
    total       numeric NOT NULL,
    prev_day    date NOT NULL DEFAULT '-infinity',
    PRIMARY KEY (tenant_id, platform, customer_id, day)
) WITH (fillfactor = 90);

-- How many customers bought on day and last before on prev_day. Distinct customers of any range [a, b] are
-- the sum of n over day in [a, b] and prev_day < a: each customer is counted at the first day within the range.
CREATE TABLE return_gap (
    tenant_id integer NOT NULL,
    platform  text COLLATE "C" NOT NULL,
    day       date NOT NULL,
    prev_day  date NOT NULL,
    customers bigint NOT NULL,
    PRIMARY KEY (tenant_id, platform, day, prev_day) INCLUDE (customers)
) WITH (fillfactor = 80);

-- The same by the local month of prev_day: few rows where a range begins with a month, the finer ones only for the rest.
CREATE TABLE return_month (
    tenant_id  integer NOT NULL,
    prev_month date NOT NULL,
    day        date NOT NULL,
    platform   text COLLATE "C" NOT NULL,
    customers  bigint NOT NULL,
    gap_days   bigint NOT NULL,                     -- from prev_day to day, summed over the customers; 0 for the first time
    PRIMARY KEY (tenant_id, prev_month, day, platform)
) WITH (fillfactor = 80);

-- For the first two orders of each customer's day, the day of the customer's order before the last one (-infinity: there was none).
-- Customers with two orders or more in a range [a, b] are the sum of orders over day in [a, b] and prev_day < a (the first two
-- orders within the range of each customer) less the distinct customers of the range.
CREATE TABLE repeat_gap (
    tenant_id integer NOT NULL,
    platform  text COLLATE "C" NOT NULL,
    day       date NOT NULL,
    prev_day  date NOT NULL,
    orders    bigint NOT NULL,
    PRIMARY KEY (tenant_id, platform, day, prev_day) INCLUDE (orders)
) WITH (fillfactor = 80);

-- The same by the local month of prev_day, as return_month.
CREATE TABLE repeat_month (
    tenant_id  integer NOT NULL,
    prev_month date NOT NULL,
    day        date NOT NULL,
    platform   text COLLATE "C" NOT NULL,
    orders     bigint NOT NULL,
    PRIMARY KEY (tenant_id, prev_month, day, platform)
) WITH (fillfactor = 80);

-- The customers who bought on a day. gap_days: how long it was, in all, since each of them bought before.
-- once: those whose only order ever it is.
CREATE TABLE buyers_day (
    tenant_id     integer NOT NULL,
    day           date NOT NULL,
    platform      text COLLATE "C" NOT NULL,
    customers     bigint NOT NULL,
    new_customers bigint NOT NULL,
    once          bigint NOT NULL,
    gap_days      bigint NOT NULL,
    orders        bigint NOT NULL,
    gross         numeric NOT NULL,
    discounts     numeric NOT NULL,
    PRIMARY KEY (tenant_id, day, platform)
) WITH (fillfactor = 80);

CREATE TABLE customer_fact (
    tenant_id   integer NOT NULL,
    platform    text COLLATE "C" NOT NULL,
    customer_id text COLLATE "C" NOT NULL,
    first_day   date NOT NULL,
    last_day    date NOT NULL,
    days        bigint NOT NULL,
    orders      bigint NOT NULL,
    gross       numeric NOT NULL,
    discounts   numeric NOT NULL,
    total       numeric NOT NULL,
    PRIMARY KEY (tenant_id, platform, customer_id)
) WITH (fillfactor = 80);

CREATE TABLE customer_refund (
    tenant_id   integer NOT NULL,
    platform    text COLLATE "C" NOT NULL,
    customer_id text COLLATE "C" NOT NULL,
    refunds     bigint NOT NULL,
    returns     numeric NOT NULL,
    PRIMARY KEY (tenant_id, platform, customer_id)
);

-- How many customers whose first order fell in month cohort bought in month.
CREATE TABLE cohort_month (
    tenant_id integer NOT NULL,
    platform  text COLLATE "C" NOT NULL,
    cohort    date NOT NULL,
    month     date NOT NULL,
    customers bigint NOT NULL,
    PRIMARY KEY (tenant_id, platform, cohort, month)
) WITH (fillfactor = 80);

SELECT isolate_tenant(ARRAY['order_fact', 'refund_fact', 'sales_day', 'sales_hour', 'product_day', 'product_month', 'product_total', 'product_category',
                            'category_day', 'category_month',
                            'assortment_month', 'rep_day', 'segment_day', 'expense_day', 'customer_day', 'return_gap', 'return_month', 'repeat_gap', 'repeat_month', 'buyers_day',
                            'customer_fact', 'customer_refund', 'cohort_month',
                            'activity_day', 'activity_hour', 'item_day', 'signup_day', 'stock_level', 'stock_history', 'inventory_day']::regclass[]);

-- Makes the monthly partitions (UTC) from the month of first to that of last, for base tables and facts alike.
-- Runs as the owner, because only an owner can attach a partition; it takes nothing but two instants.
CREATE FUNCTION ensure_months(first timestamptz, last timestamptz) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = tallymark, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    month timestamptz;
    parent text;
    part text;
BEGIN
    IF last < first OR first < '1970-01-01' OR last >= '2200-01-01' THEN
        RAISE EXCEPTION 'orders must lie between 1970 and 2199, not from % to %', first, last USING ERRCODE = '22008';
    END IF;
    FOR month IN SELECT generate_series(date_trunc('month', first), last, interval '1 month') LOOP
        CONTINUE WHEN to_regclass('tallymark.order_fact_' || to_char(month, 'YYYYMM')) IS NOT NULL;
        PERFORM pg_advisory_xact_lock(hashtext('tallymark.ensure_months'));
        FOREACH parent IN ARRAY ARRAY['orders', 'order_items', 'order_fact'] LOOP
            part := parent || to_char(month, '_YYYYMM');
            CONTINUE WHEN to_regclass('tallymark.' || part) IS NOT NULL;
            EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', part, parent);
            IF parent = 'order_fact' THEN EXECUTE format('ALTER TABLE %I SET (fillfactor = 90)', part); END IF;
            -- Attached, not created as a partition: that would wait for all who read or write orders, and they for us.
            EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
                           parent, part, month, month + interval '1 month');
        END LOOP;
    END LOOP;
END $$;
REVOKE ALL ON FUNCTION ensure_months FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ensure_months TO tallymark_app;

-- Transaction ids mean something only within one cluster: a restored dump must be rebuilt.
CREATE FUNCTION cluster_id() RETURNS bigint LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    RETURN (SELECT system_identifier FROM pg_control_system());
GRANT EXECUTE ON FUNCTION cluster_id TO tallymark_app;
