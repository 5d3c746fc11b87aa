-- Online Retail (UCI): lines of a UK gift shop, without order headers. Money in GBP, times local to Europe/London.
--
-- A sale is a line with a quantity and a price above 0 on an invoice that is no credit note; its order is its
-- invoice, placed at the invoice's first time (43 invoices have two). Credit notes (C…) are refunds, by line; they
-- do not say which order they are for. Left out: lines at price 0 (samples, stock written off) and the two
-- bad-debt adjustments below 0; the one above 0 (A563185) counts, as it does in the published gross figure.
-- Product ids keep their case. Lines that repeat another in every column are kept: line_id numbers the lines of
-- an invoice, ordered by all they say, so that the same file always gives the same ids.

-- products --
-- Of the several descriptions of a product, the one on most of its lines.
SELECT StockCode AS product_id, trim(Description) AS name, min(came_from) AS came_from
FROM export
WHERE Quantity::BIGINT > 0 AND UnitPrice::DECIMAL(12, 3) > 0 OR InvoiceNo LIKE 'C%'
GROUP BY StockCode, trim(Description)
QUALIFY row_number() OVER (PARTITION BY StockCode ORDER BY count(*) DESC, name) = 1

-- customers --
SELECT CustomerID AS customer_id, min(came_from) AS came_from
FROM export
WHERE CustomerID IS NOT NULL
  AND (Quantity::BIGINT > 0 AND UnitPrice::DECIMAL(12, 3) > 0 OR InvoiceNo LIKE 'C%')
GROUP BY CustomerID

-- orders --
SELECT InvoiceNo AS order_id, min(InvoiceDate) AS placed_at, any_value(CustomerID) AS customer_id, min(came_from) AS came_from
FROM export
WHERE Quantity::BIGINT > 0 AND UnitPrice::DECIMAL(12, 3) > 0 AND InvoiceNo NOT LIKE 'C%'
GROUP BY InvoiceNo

-- order_items --
SELECT InvoiceNo AS order_id,
       row_number() OVER (PARTITION BY InvoiceNo ORDER BY InvoiceDate, StockCode, Description,
                          Quantity::BIGINT, UnitPrice::DECIMAL(12, 3)) AS line_id,
       StockCode AS product_id,
       Quantity AS quantity,
       UnitPrice AS unit_price,
       came_from
FROM export
WHERE Quantity::BIGINT > 0 AND UnitPrice::DECIMAL(12, 3) > 0 AND InvoiceNo NOT LIKE 'C%'

-- refunds --
SELECT InvoiceNo AS refund_id,
       row_number() OVER (PARTITION BY InvoiceNo ORDER BY InvoiceDate, StockCode, Description,
                          Quantity::BIGINT, UnitPrice::DECIMAL(12, 3)) AS line_id,
       StockCode AS product_id,
       CustomerID AS customer_id,
       InvoiceDate AS refunded_at,
       -Quantity::BIGINT AS quantity,
       -Quantity::BIGINT * UnitPrice::DECIMAL(12, 3) AS amount,
       came_from
FROM export
WHERE InvoiceNo LIKE 'C%'
