-- A few tables for the smaller databases.
CREATE SCHEMA sales;
CREATE TABLE sales.orders (id int PRIMARY KEY, placed_at timestamptz, total numeric(12, 2), status text);
INSERT INTO sales.orders
SELECT g, timestamptz '2026-06-01' + g * interval '1 hour', g * 1.25, 'test' FROM generate_series(1, 200) g;
CREATE TABLE public.notes (id int PRIMARY KEY, body text);
INSERT INTO public.notes VALUES (1, 'This is not production.');
GRANT USAGE ON SCHEMA sales TO readers;
GRANT SELECT ON ALL TABLES IN SCHEMA sales TO readers;
GRANT INSERT, UPDATE, DELETE ON sales.orders TO oncall;
GRANT SELECT ON public.notes TO PUBLIC;
