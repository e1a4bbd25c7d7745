-- The database `orders`: enough grants, RLS, column grants and nested roles to be worth exploring.
CREATE SCHEMA sales AUTHORIZATION orders_owner;
CREATE SCHEMA finance AUTHORIZATION orders_owner;
CREATE SCHEMA hr AUTHORIZATION dbadmin;
CREATE SCHEMA audit AUTHORIZATION dbadmin;
GRANT USAGE ON SCHEMA sales TO readers, orders_app, analyst, incident_writers;
GRANT USAGE ON SCHEMA finance TO finance_team;
GRANT USAGE ON SCHEMA hr TO hr_team;

SET ROLE orders_owner;
CREATE TABLE sales.customers (
    id int PRIMARY KEY,
    name text NOT NULL,
    email text,
    country char(2),
    since date
);
CREATE TABLE sales.orders (
    id int PRIMARY KEY,
    customer_id int REFERENCES sales.customers,
    placed_at timestamptz NOT NULL,
    total numeric(12, 2),
    status text,
    tags text[],
    details jsonb
);
CREATE TABLE sales.order_items (
    order_id int REFERENCES sales.orders,
    line int,
    sku text,
    quantity int,
    price numeric(10, 2),
    PRIMARY KEY (order_id, line)
);
CREATE TABLE sales.promotions (code text PRIMARY KEY, percent int, until date);
CREATE TABLE sales.events (at timestamptz, kind text, body bytea) PARTITION BY RANGE (at);
CREATE TABLE sales.events_2026 PARTITION OF sales.events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
CREATE TABLE finance.invoices (id int PRIMARY KEY, order_id int, amount numeric(12, 2), paid boolean);
CREATE TABLE finance.salaries (employee text, amount numeric(12, 2));
INSERT INTO sales.customers
SELECT g, 'Customer ' || g, 'c' || g || '@example.com', (ARRAY['DE','FR','US','JP'])[1 + g % 4],
       date '2020-01-01' + g
FROM generate_series(1, 400) g;
INSERT INTO sales.orders
SELECT g, 1 + g % 400, timestamptz '2026-01-01' + g * interval '4 hours', (g * 7919 % 90000) / 100.0,
       (ARRAY['new','paid','shipped','returned'])[1 + g % 4],
       CASE WHEN g % 5 = 0 THEN ARRAY['gift','express'] END,
       jsonb_build_object('channel', CASE WHEN g % 2 = 0 THEN 'web' ELSE 'store' END, 'n', g)
FROM generate_series(1, 2000) g;
INSERT INTO sales.order_items
SELECT o, l, 'SKU-' || (o * l % 97), 1 + l % 3, (l * 450) / 100.0
FROM generate_series(1, 2000) o, generate_series(1, 2) l;
INSERT INTO sales.promotions VALUES ('WELCOME', 10, '2026-12-31'), ('VIP', 25, NULL);
INSERT INTO sales.events SELECT timestamptz '2026-03-01' + g * interval '1 hour', 'click', '\x00ff10'
FROM generate_series(1, 200) g;
INSERT INTO finance.invoices SELECT g, g, g * 1.5, g % 3 = 0 FROM generate_series(1, 500) g;
INSERT INTO finance.salaries VALUES ('alice', 90000), ('bob', 85000);

CREATE VIEW sales.revenue AS
    SELECT date_trunc('month', placed_at) AS month, sum(total) AS revenue FROM sales.orders GROUP BY 1;
CREATE VIEW sales.my_orders WITH (security_invoker) AS SELECT * FROM sales.orders;
CREATE VIEW sales.paid_invoices AS SELECT id, amount FROM finance.invoices WHERE paid;
CREATE MATERIALIZED VIEW sales.top_customers AS
    SELECT customer_id, sum(total) AS total FROM sales.orders GROUP BY 1 ORDER BY 2 DESC LIMIT 20;
CREATE SEQUENCE sales.ticket_numbers;
CREATE FUNCTION finance.total_paid() RETURNS numeric LANGUAGE sql SECURITY DEFINER
    AS 'SELECT sum(amount) FROM finance.invoices WHERE paid';
CREATE FUNCTION sales.order_count() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM sales.orders';

GRANT SELECT ON sales.customers, sales.orders, sales.order_items, sales.revenue, sales.my_orders,
    sales.events, sales.top_customers, sales.paid_invoices TO readers;
GRANT INSERT, UPDATE ON sales.orders, sales.order_items TO writers;
GRANT DELETE ON sales.order_items TO incident_writers;
GRANT UPDATE (status), SELECT ON sales.orders TO incident_writers;
GRANT SELECT ON sales.promotions TO PUBLIC;
GRANT SELECT (id, country), UPDATE (country) ON sales.customers TO analyst;
GRANT SELECT ON sales.order_items TO oncall WITH GRANT OPTION;
GRANT SELECT, INSERT ON sales.orders TO app_oncall;
GRANT SELECT ON finance.invoices TO finance_team, app_oncall;
GRANT ALL ON finance.salaries TO finance_team;
GRANT USAGE ON SEQUENCE sales.ticket_numbers TO writers;
REVOKE EXECUTE ON FUNCTION finance.total_paid() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION finance.total_paid() TO readers;
REVOKE SELECT ON finance.salaries FROM orders_owner;
ALTER DEFAULT PRIVILEGES IN SCHEMA sales GRANT SELECT ON TABLES TO readers;
ALTER TABLE sales.customers ENABLE ROW LEVEL SECURITY;
CREATE POLICY everybody_sees_europe ON sales.customers FOR SELECT TO readers USING (country IN ('DE', 'FR'));
CREATE POLICY own_rows ON sales.customers USING (email = current_user || '@example.com');

-- since 17:
GRANT MAINTAIN ON sales.order_items TO oncall WITH GRANT OPTION;

RESET ROLE;

SET ROLE dbadmin;
CREATE TABLE hr.employees (id int PRIMARY KEY, name text, born date, notes text);
INSERT INTO hr.employees VALUES (1, 'Alice', '1990-02-28', NULL), (2, 'Bob', '1985-12-01', '');
ALTER TABLE hr.employees ENABLE ROW LEVEL SECURITY;
ALTER TABLE hr.employees FORCE ROW LEVEL SECURITY;
GRANT SELECT ON hr.employees TO hr_team, readers;
CREATE TABLE audit.log (at timestamptz DEFAULT now(), who text, what text);
GRANT INSERT ON audit.log TO PUBLIC;
REVOKE ALL ON audit.log FROM dbadmin;
RESET ROLE;

CREATE TABLE public.hostile (id int, U&"col\001B[7m" text, "[/foo]" text);
GRANT SELECT ON public.hostile TO readers;
INSERT INTO public.hostile VALUES
    (1, E'esc \x1b[31mred\x1b[0m', '[/foo]'),
    (2, E'osc \x1b]52;c;b3duZWQ=\x07', '[bold]not bold'),
    (3, U&'c1 \009B31m bidi \202Etxt\2066', '[@click=app.quit]press[/]'),
    (4, U&'zero\200Bwidth \FEFF', E'two\nlines\tand a tab'),
    (5, '広い文字 🎉', NULL),
    (6, '', repeat('long ', 400));
CREATE TABLE public."Quo""ted.Name" (a int);
COMMENT ON TABLE public.hostile IS E'\x1b[2J[@click=app.quit]x[/]';
CREATE TABLE public.a_very_long_table_name_that_takes_all_sixty_three_bytes_allowed (a int);
