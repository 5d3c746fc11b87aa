-- The system of record. Every key starts with the tenant; ids are the source's own, so the platform belongs to each key.
-- Money is NUMERIC without a scale: what a source sends is kept digit for digit.

-- What no figure could be worked out from is refused by the tables themselves, whoever writes.
CREATE FUNCTION is_finite(amount numeric) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN amount < 'Infinity' AND amount > '-Infinity';                -- NaN is greater than Infinity
CREATE FUNCTION is_known_time(at timestamptz) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN at >= '1970-01-01 00:00+00'::timestamptz AND at < '2200-01-01 00:00+00'::timestamptz;
CREATE FUNCTION is_platform(name text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN length(name) <= 63 AND name ~ '^[a-z0-9][a-z0-9_-]*$' AND name <> 'all'; -- a counted pattern costs ten times as much

CREATE TABLE categories (
    tenant_id   integer NOT NULL REFERENCES tenants,
    platform    text COLLATE "C" NOT NULL,
    category_id text COLLATE "C" NOT NULL,
    name        text NOT NULL,
    parent_id   text COLLATE "C",
    PRIMARY KEY (tenant_id, platform, category_id)
);

CREATE TABLE products (
    tenant_id   integer NOT NULL REFERENCES tenants,
    platform    text COLLATE "C" NOT NULL,
    product_id  text COLLATE "C" NOT NULL,
    sku         text,
    name        text,
    category_id text COLLATE "C",
    cost        numeric,
    price       numeric,
    active      boolean NOT NULL DEFAULT true,
    created_at  timestamptz,
    PRIMARY KEY (tenant_id, platform, product_id)
);

CREATE TABLE customers (
    tenant_id   integer NOT NULL REFERENCES tenants,
    platform    text COLLATE "C" NOT NULL,
    customer_id text COLLATE "C" NOT NULL,
    name        text,
    email       text,
    segment     text COLLATE "C",
    created_at  timestamptz,
    PRIMARY KEY (tenant_id, platform, customer_id),
    CONSTRAINT known_time CHECK (is_known_time(created_at))
);
CREATE INDEX customers_by_time ON customers (tenant_id, created_at);

CREATE TABLE sales_reps (
    tenant_id       integer NOT NULL REFERENCES tenants,
    platform        text COLLATE "C" NOT NULL,
    sales_rep_id    text COLLATE "C" NOT NULL,
    name            text,
    email           text,
    region          text,
    commission_rate numeric,
    PRIMARY KEY (tenant_id, platform, sales_rep_id)
);

-- Orders and their lines live in the month of placed_at. A line carries its order's placed_at so that both prune alike.
-- tax: the order's whole tax where the source gives it, else null and the lines' taxes count.
-- total_amount: null means derived: lines - discount + shipping + tax.
CREATE TABLE orders (
    tenant_id    integer NOT NULL,
    placed_at    timestamptz NOT NULL,
    platform     text COLLATE "C" NOT NULL,
    order_id     text COLLATE "C" NOT NULL,
    status       text COLLATE "C" NOT NULL DEFAULT 'completed' CHECK (status IN ('pending', 'completed', 'cancelled')),
    customer_id  text COLLATE "C",
    sales_rep_id text COLLATE "C",
    currency     text COLLATE "C",
    total_amount numeric,
    discount     numeric NOT NULL DEFAULT 0,
    shipping     numeric NOT NULL DEFAULT 0,
    tax          numeric,
    cancelled_at timestamptz,
    test         boolean NOT NULL DEFAULT false,
    PRIMARY KEY (tenant_id, placed_at, platform, order_id),
    CONSTRAINT platform_name CHECK (is_platform(platform)),
    CONSTRAINT finite CHECK (is_finite(total_amount) AND is_finite(discount) AND is_finite(shipping) AND is_finite(tax))
) PARTITION BY RANGE (placed_at);
CREATE INDEX orders_by_id ON orders (tenant_id, platform, order_id);

CREATE TABLE order_items (
    tenant_id  integer NOT NULL,
    placed_at  timestamptz NOT NULL,
    platform   text COLLATE "C" NOT NULL,
    order_id   text COLLATE "C" NOT NULL,
    line_id    text COLLATE "C" NOT NULL,
    product_id text COLLATE "C",
    quantity   bigint NOT NULL,
    unit_price numeric NOT NULL,
    unit_cost  numeric,
    discount   numeric NOT NULL DEFAULT 0,
    tax        numeric NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant_id, placed_at, platform, order_id, line_id),
    CONSTRAINT finite CHECK (is_finite(unit_price) AND is_finite(unit_cost) AND is_finite(discount) AND is_finite(tax))
) PARTITION BY RANGE (placed_at);

-- One row per refunded line; a refund without lines has line_id ''. order_id may be unknown.
CREATE TABLE refunds (
    tenant_id   integer NOT NULL REFERENCES tenants,
    platform    text COLLATE "C" NOT NULL,
    refund_id   text COLLATE "C" NOT NULL,
    line_id     text COLLATE "C" NOT NULL DEFAULT '',
    order_id    text COLLATE "C",
    product_id  text COLLATE "C",
    customer_id text COLLATE "C",
    refunded_at timestamptz NOT NULL,
    quantity    bigint NOT NULL DEFAULT 0,
    amount      numeric NOT NULL,
    PRIMARY KEY (tenant_id, platform, refund_id, line_id),
    CONSTRAINT platform_name CHECK (is_platform(platform)),
    CONSTRAINT known_time CHECK (is_known_time(refunded_at)),
    CONSTRAINT finite CHECK (is_finite(amount))
);
CREATE INDEX refunds_of_order ON refunds (tenant_id, platform, order_id);
CREATE INDEX refunds_by_time ON refunds (tenant_id, refunded_at);

-- What one unit of another currency is worth in the tenant's own, from that local day until the next row's.
CREATE TABLE exchange_rates (
    tenant_id integer NOT NULL REFERENCES tenants,
    currency  text COLLATE "C" NOT NULL,
    day       date NOT NULL,
    rate      numeric NOT NULL,
    PRIMARY KEY (tenant_id, currency, day),
    CONSTRAINT currency_code CHECK (currency ~ '^[A-Z]{3}$'),
    CONSTRAINT known_day CHECK (day >= '1970-01-01' AND day < '2200-01-01'),
    CONSTRAINT positive CHECK (rate > 0 AND is_finite(rate))
);

CREATE TABLE expenses (
    tenant_id   integer NOT NULL REFERENCES tenants,
    platform    text COLLATE "C" NOT NULL,
    expense_id  text COLLATE "C" NOT NULL,
    incurred_at timestamptz NOT NULL,
    category    text NOT NULL,
    amount      numeric NOT NULL,
    description text,
    PRIMARY KEY (tenant_id, platform, expense_id),
    CONSTRAINT platform_name CHECK (is_platform(platform)),
    CONSTRAINT known_time CHECK (is_known_time(incurred_at)),
    CONSTRAINT finite CHECK (is_finite(amount))
);
CREATE INDEX expenses_by_time ON expenses (tenant_id, incurred_at);

CREATE TABLE inventory_levels (
    tenant_id  integer NOT NULL REFERENCES tenants,
    platform   text COLLATE "C" NOT NULL,
    product_id text COLLATE "C" NOT NULL,
    location   text COLLATE "C" NOT NULL,
    on_hand    bigint NOT NULL,
    reserved   bigint NOT NULL DEFAULT 0,
    incoming   bigint NOT NULL DEFAULT 0,
    counted_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, platform, product_id, location)
);

CREATE TABLE activity (
    tenant_id   integer NOT NULL REFERENCES tenants,
    platform    text COLLATE "C" NOT NULL,
    activity_id text COLLATE "C" NOT NULL,
    occurred_at timestamptz NOT NULL,
    kind        text COLLATE "C" NOT NULL CHECK (kind IN ('visit', 'signup', 'view', 'cart', 'checkout')),
    visitor_id  text COLLATE "C",
    user_id     text COLLATE "C",
    product_id  text COLLATE "C",
    PRIMARY KEY (tenant_id, platform, activity_id),
    CONSTRAINT known_time CHECK (is_known_time(occurred_at))
);
CREATE INDEX activity_by_time ON activity (tenant_id, occurred_at);

SELECT isolate_tenant(ARRAY['categories', 'products', 'customers', 'sales_reps', 'orders', 'order_items',
                            'refunds', 'exchange_rates', 'expenses', 'inventory_levels', 'activity']::regclass[]);
