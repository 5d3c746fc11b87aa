-- What is sold. Every statement here is run once, in this order.

-- article_id --
-- Why: both platforms have numbers of their own for the same article: a long number here, ten letters and digits there.
-- 1,000,003 has no factor in common with 36, so that no two articles get the same letters.
CREATE MACRO article_id(p) AS
    CASE getvariable('platform') WHEN 'amazon' THEN 'B0' || to_base((p + 7919) * 1000003000037 % 2821109907456, 36, 8)
                                 ELSE (7412300000000 + p * 32771)::VARCHAR END;

-- category_id --
-- Why: as for articles; the marketplace numbers its nodes higher.
CREATE MACRO category_id(number) AS
    (CASE getvariable('platform') WHEN 'amazon' THEN 16310091 ELSE 410200 END + number * 37)::VARCHAR;

-- ranges --
-- Why: what the shop sells, in two levels. Prices lie around the given one; the season says when it is asked for.
CREATE TABLE ranges AS
SELECT row_number() OVER () - 1 AS range, *
FROM (VALUES
    ('Kitchen', 'KIT', 'gifts', 'Knives & Boards', 38, ['Chef''s Knife', 'Bread Knife', 'Paring Knife', 'Cutting Board', 'Knife Block', 'Sharpening Stone']),
    ('Kitchen', 'KIT', 'gifts', 'Pots & Pans', 54, ['Saucepan', 'Frying Pan', 'Stockpot', 'Casserole', 'Wok', 'Roasting Tin']),
    ('Kitchen', 'KIT', 'gifts', 'Baking', 19, ['Loaf Tin', 'Cake Tin', 'Rolling Pin', 'Mixing Bowl', 'Pie Dish', 'Cooling Rack']),
    ('Kitchen', 'KIT', 'gifts', 'Coffee & Tea', 29, ['Teapot', 'Coffee Dripper', 'French Press', 'Milk Jug', 'Mug Set', 'Tea Caddy']),
    ('Kitchen', 'KIT', 'gifts', 'Storage Jars', 16, ['Spice Jar Set', 'Bread Bin', 'Preserving Jar', 'Lunch Box', 'Oil Bottle', 'Flour Tin']),
    ('Table', 'TAB', 'gifts', 'Plates & Bowls', 26, ['Dinner Plate', 'Soup Bowl', 'Side Plate', 'Serving Dish', 'Breakfast Set', 'Salad Bowl']),
    ('Table', 'TAB', 'gifts', 'Glasses', 23, ['Tumbler Set', 'Wine Glass Set', 'Carafe', 'Water Jug', 'Beer Glass Set', 'Decanter']),
    ('Table', 'TAB', 'gifts', 'Cutlery', 34, ['Cutlery Set', 'Salad Servers', 'Steak Knife Set', 'Teaspoon Set', 'Cake Fork Set', 'Ladle']),
    ('Table', 'TAB', 'gifts', 'Table Linen', 22, ['Tablecloth', 'Napkin Set', 'Table Runner', 'Place Mat Set', 'Tea Towel Set', 'Apron']),
    ('Table', 'TAB', 'gifts', 'Candles', 14, ['Pillar Candle', 'Candle Holder', 'Tealight Set', 'Lantern', 'Scented Candle', 'Candlestick']),
    ('Bedroom', 'BED', 'winter', 'Bed Linen', 58, ['Duvet Cover', 'Fitted Sheet', 'Pillowcase', 'Flat Sheet', 'Bed Linen Set', 'Valance']),
    ('Bedroom', 'BED', 'winter', 'Blankets', 46, ['Wool Blanket', 'Throw', 'Bedspread', 'Quilt', 'Fleece', 'Weighted Blanket']),
    ('Bedroom', 'BED', 'winter', 'Pillows', 27, ['Down Pillow', 'Neck Pillow', 'Cushion', 'Cushion Cover', 'Bolster', 'Travel Pillow']),
    ('Bedroom', 'BED', 'winter', 'Nightwear', 39, ['Pyjamas', 'Dressing Gown', 'Nightshirt', 'Slippers', 'Bed Socks', 'Sleep Mask']),
    ('Bedroom', 'BED', 'winter', 'Wardrobe', 24, ['Hanger Set', 'Laundry Basket', 'Garment Bag', 'Shoe Rack', 'Storage Box', 'Jewellery Box']),
    ('Bathroom', 'BAT', 'even', 'Towels', 24, ['Bath Towel', 'Hand Towel', 'Guest Towel', 'Bath Sheet', 'Flannel Set', 'Hammam Towel']),
    ('Bathroom', 'BAT', 'even', 'Bath Mats', 27, ['Bath Mat', 'Shower Mat', 'Pedestal Mat', 'Wooden Mat', 'Bath Rug', 'Anti-slip Mat']),
    ('Bathroom', 'BAT', 'even', 'Soap & Care', 11, ['Hand Soap', 'Bath Salts', 'Body Brush', 'Hand Cream', 'Shampoo Bar', 'Body Oil']),
    ('Bathroom', 'BAT', 'even', 'Fittings', 31, ['Towel Rail', 'Soap Dispenser', 'Toothbrush Holder', 'Shower Caddy', 'Robe Hook', 'Paper Holder']),
    ('Bathroom', 'BAT', 'even', 'Mirrors', 62, ['Wall Mirror', 'Shaving Mirror', 'Vanity Mirror', 'Round Mirror', 'Cabinet Mirror', 'Hand Mirror']),
    ('Living', 'LIV', 'winter', 'Lamps', 72, ['Table Lamp', 'Floor Lamp', 'Pendant Lamp', 'Reading Lamp', 'Wall Lamp', 'Lampshade']),
    ('Living', 'LIV', 'winter', 'Rugs', 110, ['Wool Rug', 'Runner Rug', 'Jute Rug', 'Round Rug', 'Door Mat', 'Sheepskin']),
    ('Living', 'LIV', 'winter', 'Small Furniture', 128, ['Side Table', 'Stool', 'Wall Shelf', 'Coat Stand', 'Magazine Rack', 'Folding Chair']),
    ('Living', 'LIV', 'winter', 'Decoration', 27, ['Vase', 'Picture Frame', 'Wall Clock', 'Bookends', 'Ornament', 'Tray']),
    ('Living', 'LIV', 'winter', 'Stationery', 13, ['Notebook', 'Desk Pad', 'Pen Set', 'Wall Calendar', 'Letter Set', 'Photo Album']),
    ('Garden', 'GAR', 'summer', 'Tools', 29, ['Hand Trowel', 'Secateurs', 'Garden Fork', 'Hoe', 'Pruning Saw', 'Leaf Rake']),
    ('Garden', 'GAR', 'summer', 'Pots & Planters', 32, ['Plant Pot', 'Window Box', 'Hanging Basket', 'Planter', 'Plant Stand', 'Saucer Set']),
    ('Garden', 'GAR', 'summer', 'Watering', 26, ['Watering Can', 'Garden Hose', 'Mister', 'Rain Gauge', 'Sprinkler', 'Hose Reel']),
    ('Garden', 'GAR', 'summer', 'Seeds & Bulbs', 8, ['Herb Seeds', 'Wildflower Seeds', 'Tulip Bulbs', 'Salad Seeds', 'Seed Tray', 'Grow Kit']),
    ('Garden', 'GAR', 'summer', 'Birds', 21, ['Bird Feeder', 'Nesting Box', 'Bird Bath', 'Bird Seed', 'Suet Balls', 'Insect House']),
    ('Outdoor', 'OUT', 'summer', 'Picnic', 36, ['Picnic Blanket', 'Picnic Basket', 'Cool Bag', 'Flask', 'Camping Mug', 'Water Bottle']),
    ('Outdoor', 'OUT', 'summer', 'Barbecue', 48, ['Charcoal Grill', 'Grill Tongs', 'Grill Brush', 'Skewer Set', 'Grill Pan', 'Smoking Chips']),
    ('Outdoor', 'OUT', 'summer', 'Camping', 68, ['Tent Lantern', 'Sleeping Mat', 'Camp Chair', 'Hammock', 'Camp Stove', 'Rucksack']),
    ('Outdoor', 'OUT', 'summer', 'Games', 25, ['Boules Set', 'Kite', 'Croquet Set', 'Frisbee', 'Badminton Set', 'Skipping Rope']),
    ('Outdoor', 'OUT', 'summer', 'Rainwear', 56, ['Umbrella', 'Rain Jacket', 'Wellington Boots', 'Rain Hat', 'Poncho', 'Gaiters']),
    ('Children', 'CHI', 'gifts', 'Wooden Toys', 28, ['Building Blocks', 'Toy Train', 'Shape Sorter', 'Stacking Tower', 'Pull-along Dog', 'Marble Run']),
    ('Children', 'CHI', 'gifts', 'Soft Toys', 23, ['Teddy Bear', 'Rabbit', 'Hand Puppet', 'Comforter', 'Rag Doll', 'Elephant']),
    ('Children', 'CHI', 'gifts', 'Puzzles & Games', 20, ['Jigsaw Puzzle', 'Memory Game', 'Domino Set', 'Board Game', 'Card Game', 'Chess Set']),
    ('Children', 'CHI', 'gifts', 'Nursery', 34, ['Mobile', 'Night Light', 'Baby Blanket', 'Changing Mat', 'Bib Set', 'Toy Basket']),
    ('Children', 'CHI', 'gifts', 'Drawing', 14, ['Crayon Set', 'Watercolour Set', 'Sketch Pad', 'Chalk Set', 'Colouring Book', 'Easel'])
) AS r (department, code, season, name, price, nouns);

-- products --
-- Why: one row per article, named after a series and a thing, so that any number up to 5,760 has different names.
-- The dearer, the less it sells. Most have been there from the start, some came later; a few were given up, and what
-- is left of them lies dead.
CREATE TABLE products AS
WITH numbered AS (
    SELECT p, p % 40 AS range, p // 40 AS nth, getvariable('months') AS months,
           ['Alba', 'Nord', 'Fjord', 'Harbour', 'Luma', 'Sienna', 'Birch', 'Cove', 'Dune', 'Elm', 'Fable', 'Grove', 'Haven',
            'Isla', 'Juniper', 'Kestrel', 'Linden', 'Marlow', 'Orchard', 'Pebble', 'Quill', 'Rowan', 'Sorrel', 'Tilda'] AS series
    FROM range(getvariable('products')) r (p)
), priced AS (
    SELECT * REPLACE (price * exp(0.38 * bell(p, 'price')) AS price) FROM numbered JOIN ranges USING (range)
)
SELECT p, department, season, range, series[(nth // 6 + 5 * range) % 24 + 1] || ' ' || nouns[nth % 6 + 1] AS name,
       code || '-' || lpad((p + 1)::VARCHAR, 4, '0') AS sku, price, 0.37 + 0.30 * u(p, 'cost') AS cost_share,
       ((6 + row_number() OVER (ORDER BY u(p, 'rank'), p)) * sqrt(price)) ** -0.85 AS appeal,
       CASE WHEN u(p, 'new') < 0.3 THEN floor(u(p, 'listed') * (months - 1))::INTEGER ELSE 0 END AS listed,
       CASE WHEN u(p, 'new') > 0.94 THEN ceil((0.3 + 0.6 * u(p, 'dropped')) * months)::INTEGER END AS dropped,
       u(p, 'exclusive') < 0.75 AS on_amazon
FROM priced;

-- charm --
-- Why: prices end as prices do.
CREATE MACRO charm(price) AS
    CASE WHEN price < 10 THEN greatest(149, floor(price * 2)::BIGINT * 50 - 1)
         WHEN price < 100 THEN floor(price)::BIGINT * 100 + 90
         ELSE floor(price / 5)::BIGINT * 500 + 400 END;

-- shelf --
-- Why: what a platform sells in each month: the best seller has position 0. The season, what is new and chance move
-- articles up and down; the price of each changes every five to eight months, and its cost slowly follows. In cents.
CREATE TABLE shelf AS
WITH offered AS (
    SELECT platform, month, p, cost_share, dropped,
           appeal * exp((CASE platform WHEN 'amazon' THEN 1.4 ELSE 0.0 END) * (u(p, 'other taste') - 0.5)
                        + 0.5 * (u(p * 1000 + month, 'fashion') - 0.5))
               * CASE season WHEN 'even' THEN 1.0
                             WHEN 'summer' THEN 1 - 0.6 * cos(2 * pi() * (month(day) - 0.5) / 12)
                             WHEN 'winter' THEN 1 + 0.35 * cos(2 * pi() * (month(day) - 0.5) / 12)
                             ELSE [0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 1.1, 1.6, 2.0][month(day)] END AS appeal,
           charm(price * (CASE platform WHEN 'amazon' THEN 1.05 ELSE 1.0 END) * 1.03 ** (month / 12.0)
                 * (0.94 + 0.12 * u(p * 1000 + (month + p % 7) // (5 + p % 4), 'price change'))) AS price,
           100 * price * 1.02 ** (month / 12.0) * cost_share AS cost
    FROM products CROSS JOIN platforms
    CROSS JOIN (SELECT month, (getvariable('first_day') + to_months(month))::DATE AS day
                FROM range(getvariable('months') + 1) r (month))
    WHERE (platform = 'shopify' OR on_amazon) AND listed <= month AND month < coalesce(dropped, month + 1)
)
SELECT platform, month, p, price, greatest(price * 0.35, least(price * 0.70, cost))::BIGINT AS cost,
       row_number() OVER (PARTITION BY platform, month ORDER BY appeal DESC, p) - 1 AS position
FROM offered;

-- assortment --
-- Why: how many articles a platform sells in each month.
CREATE TABLE assortment AS SELECT platform, month, count(*) AS size FROM shelf GROUP BY platform, month;

-- order_id --
-- Why: the shop counts from 1001. The marketplace's numbers look drawn by lot; the factor has nothing in common with
-- a power of ten, so that none comes twice.
CREATE MACRO order_id(i) AS
    CASE getvariable('platform')
        WHEN 'amazon' THEN (111 + i % 4) || '-' || lpad(((i + 1) * 618033988747 // 10000000 % 10000000)::VARCHAR, 7, '0')
                                         || '-' || lpad(((i + 1) * 618033988747 % 10000000)::VARCHAR, 7, '0')
        ELSE (1001 + i)::VARCHAR END;

-- zipf --
-- Why: the long tail. Position 0 sells most, the last half of the positions little: the inverse of that distribution.
CREATE MACRO zipf(u, size) AS
    least(size - 1, floor(((1 - u) * 6 ** 0.15 + u * (size + 6) ** 0.15) ** (1 / 0.15) - 6)::BIGINT);

-- zipf_share --
-- Why: what part of all sales that leaves for one position.
CREATE MACRO zipf_share(position, size) AS
    ((position + 7) ** 0.15 - (position + 6) ** 0.15) / ((size + 6) ** 0.15 - 6 ** 0.15);

-- money --
-- Why: all money is whole cents until it is written.
CREATE MACRO money(cents) AS cents * getvariable('minor_unit');
