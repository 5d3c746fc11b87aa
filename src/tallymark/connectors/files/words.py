"""What columns are called elsewhere: which of ours a header most likely means. A guess, to be looked at by a person."""

import re
from collections.abc import Mapping, Sequence

from tallymark.ingest import Kind

# By column of ours, the commonest word first; compared without capitals, spaces and punctuation.
_ELSEWHERE: Mapping[str, str] = {
    "order_id": "order, order number, order no, order name, receipt, receipt no, invoice, invoice no, transaction id,"
    " sale id, bestellnummer, bestellung",
    "placed_at": "order date, ordered at, ordered on, purchase date, sold at, sold on, created at, date, datetime,"
    " invoice date, sale date, timestamp, datum, bestelldatum",
    "line_id": "line, line no, line number, position, item id, line item id",
    "product_id": "sku, product sku, product code, article, article no, item code, stock code, item sku, asin, artikel,"
    " artikelnummer",
    "quantity": "qty, pieces, units, count, amount sold, units sold, menge, anzahl",
    "unit_price": "price, item price, unit price, price per unit, price each, einzelpreis, preis",
    "unit_cost": "cost, unit cost, cost price, cost per item, einkaufspreis",
    "total_amount": "total, order total, grand total, total price, amount paid, gesamt, gesamtbetrag, summe",
    "discount": "discount amount, discounts, rabatt",
    "shipping": "shipping cost, shipping price, freight, postage, delivery, versand, versandkosten",
    "tax": "taxes, vat, tax amount, sales tax, mwst, steuer",
    "customer_id": "customer, customer no, customer number, client id, client, buyer, customer email, email, kunde,"
    " kundennummer",
    "sales_rep_id": "sales rep, rep, clerk, seller, sales person, verkaeufer",
    "currency": "currency code, order currency, waehrung, währung",
    "status": "order status, state",
    "cancelled_at": "canceled at, cancelled on, cancellation date",
    "name": "title, product name, item name, product, product title, customer name, full name, category name,"
    " description, bezeichnung",
    "sku": "product sku, item sku, article no",
    "category_id": "category, product category, kategorie",
    "cost": "unit cost, cost price, cost per item, purchase price",
    "price": "list price, unit price, retail price, variant price",
    "email": "e-mail, customer email, mail, email address",
    "segment": "customer segment, customer group, group, tier",
    "created_at": "created, registered at, signed up, since",
    "refund_id": "refund, refund no, return id, credit note, credit note no",
    "refunded_at": "refund date, returned at, return date, date",
    "amount": "refund amount, total, sum, value, price, cost, betrag",
    "expense_id": "expense, expense no, bill, bill no, invoice no, reference, id",
    "incurred_at": "date, paid at, expense date, bill date, booking date, datum",
    "category": "type, expense type, account, kategorie",
    "description": "note, notes, memo, text, comment, beschreibung",
    "location": "warehouse, store, site, lager",
    "on_hand": "stock, quantity, available, inventory, qty, quantity on hand, bestand",
    "reserved": "committed, allocated",
    "incoming": "on order, inbound",
    "counted_at": "date, updated at, as of, snapshot date",
}


def likely(kind: Kind, columns: Sequence[str]) -> dict[str, str]:
    """Our columns of a kind, each with the file's column that most likely holds it; none is given twice."""
    known = {plain(name): name for name in reversed(columns) if plain(name)}
    found: dict[str, str] = {}
    for column in kind:
        words = [column.name, *_ELSEWHERE.get(column.name, "").split(",")]
        match = next((known[plain(word)] for word in words if plain(word) in known), None)
        if match is not None and match not in found.values():
            found[column.name] = match
    return found


def plain(name: str) -> str:
    return re.sub(r"[^0-9a-zà-ÿ]", "", name.lower())
