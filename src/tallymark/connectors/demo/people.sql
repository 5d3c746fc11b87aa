-- Who buys. Every statement here is run once, in this order. Customers are numbered by their first order (k), orders by
-- their moment (i), so nothing has to be remembered from one month to the next.

-- known --
-- Why: how many customers there are when order i comes in. Many of the first orders are first purchases, few of the
-- last ones. It never rises by more than one, so the order that raises it is that customer's first.
CREATE MACRO known(i) AS
    ceil(getvariable('customers') * ((i / (getvariable('each_buys') * getvariable('customers')) + 0.01) ** 0.7 - 0.01 ** 0.7)
             / (1.01 ** 0.7 - 0.01 ** 0.7) - 1e-6)::BIGINT;

-- customer_id --
-- Why: a long number in the shop, letters and digits on the marketplace (the factor has nothing in common with 36).
CREATE MACRO customer_id(k) AS
    CASE getvariable('platform') WHEN 'amazon' THEN 'A' || to_base((k + 104729) * 1000000003001 % 101559956668416, 36, 9)
                                 ELSE (6210000000000 + k * 4099)::VARCHAR END;

-- habit --
-- Why: of 25 customers one is loyal, four come regularly, eight now and then; the others bought once.
CREATE MACRO habit(k) AS
    CASE WHEN k % 25 = 0 THEN 'loyal' WHEN k % 25 % 6 = 3 THEN 'regular' WHEN k % 25 % 3 = 1 THEN 'occasional' ELSE 'once' END;

-- buys_again --
-- Why: which of the known customers buys again: a block of 25, and a place in it by habit. One in eight of the loyal
-- buys far more than the rest; those who come now and then do so within a year or so.
CREATE MACRO buys_again(i, known) AS
    CASE WHEN known < 25 THEN floor(known * u(i, 'block'))::BIGINT
         WHEN u(i, 'habit') < 0.25
         THEN floor(known // 25 * u(i, 'block') ** 0.8)::BIGINT // CASE WHEN u(i, 'place') < 0.3 THEN 8 ELSE 1 END
              * CASE WHEN u(i, 'place') < 0.3 THEN 8 ELSE 1 END * 25
         WHEN u(i, 'habit') < 0.65
         THEN floor(known // 25 * u(i, 'block') ** 0.7)::BIGINT * 25 + 3 + 6 * floor(4 * u(i, 'place'))::BIGINT
         ELSE floor(known // 25 * (1 - 0.6 * u(i, 'block') ** 1.5) - 1e-6)::BIGINT * 25
              + 1 + 3 * floor(8 * u(i, 'place'))::BIGINT END;

-- sales_rep --
-- Why: some accounts in the shop are looked after by a representative, and a few of those look after most.
CREATE MACRO sales_rep(k) AS
    CASE WHEN getvariable('platform') = 'shopify' AND u(k, 'account') < 0.22
         THEN floor(getvariable('sales_reps') * u(k, 'rep') ** 1.5)::INTEGER END;

-- first_name --
-- Why: people of no particular country.
CREATE MACRO first_name(n) AS
    ['Ada', 'Amir', 'Anna', 'Arun', 'Bella', 'Boris', 'Carla', 'Chen', 'Clara', 'Daniel', 'Dina', 'Elena', 'Emil', 'Emma',
     'Farid', 'Felix', 'Fiona', 'Grace', 'Hana', 'Hugo', 'Ida', 'Ines', 'Ivan', 'Jakob', 'Jana', 'Jonas', 'Julia', 'Kofi',
     'Lara', 'Leo', 'Lena', 'Lucas', 'Maja', 'Marco', 'Maria', 'Mateo', 'Mina', 'Nadia', 'Nina', 'Noah', 'Nora', 'Olga',
     'Omar', 'Oscar', 'Paula', 'Pavel', 'Petra', 'Rania', 'Rosa', 'Samir', 'Sara', 'Simon', 'Sofia', 'Stella', 'Tara',
     'Theo', 'Tomas', 'Vera', 'Victor', 'Yara', 'Yusuf', 'Zoe'][1 + floor(62 * u(n, 'first name'))::INTEGER];

-- last_name --
-- Why: as for first names.
CREATE MACRO last_name(n) AS
    ['Abel', 'Adler', 'Ahmed', 'Baker', 'Bauer', 'Berg', 'Blanc', 'Brandt', 'Brown', 'Castro', 'Chen', 'Clark', 'Costa',
     'Cruz', 'Dahl', 'Davies', 'Diaz', 'Dubois', 'Evans', 'Farah', 'Ferrari', 'Fischer', 'Garcia', 'Gray', 'Haas', 'Hansen',
     'Harris', 'Hill', 'Hoffman', 'Horvat', 'Ito', 'Jansen', 'Jones', 'Kaya', 'Keller', 'Khan', 'Kim', 'Klein', 'Kovacs',
     'Lang', 'Larsen', 'Lee', 'Lopez', 'Lund', 'Marino', 'Martin', 'Meyer', 'Moreau', 'Mueller', 'Murphy', 'Nagy', 'Novak',
     'Nowak', 'Okafor', 'Olsen', 'Park', 'Patel', 'Perez', 'Popov', 'Reed', 'Rossi', 'Roth', 'Santos', 'Sato', 'Schmidt',
     'Silva', 'Singh', 'Smith', 'Stone', 'Tanaka', 'Taylor', 'Vogel', 'Walker', 'Weber', 'Wilson', 'Wolf', 'Wood', 'Young',
     'Zhang', 'Ziegler'][1 + floor(80 * u(n, 'last name'))::INTEGER];
