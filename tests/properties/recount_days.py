"""What expenses, visits, sign-ups and stock must come to, counted in plain Python from the base rows."""

from collections import defaultdict
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

Row = tuple[Any, ...]

COLUMNS = {
    "expense_day": "day, platform, category, amount, expenses",
    "activity_day": "day, platform, kind, events, visitors, users",
    "activity_hour": "day, hour, platform, events, visits, visitors",
    "item_day": "day, platform, product_id, views, carts, checkouts",
    "signup_day": "day, platform, customers",
    "stock_level": "platform, product_id, on_hand, reserved, incoming, unit_cost",
    "stock_history": "platform, product_id, day, on_hand, reserved, incoming, unit_cost",
    "inventory_day": "day, platform, products, on_hand, reserved, incoming, value, uncosted",
}
BASE = ("expenses", "activity", "customers", "products", "inventory_levels", "stock_history")
NOTHING = (0, 0, 0, None)


def count_days(rows: dict[str, list[Any]], zone: ZoneInfo) -> dict[str, set[Row]]:
    """The tables that hold whole local days."""
    spent: dict[Row, list[Any]] = defaultdict(lambda: [0, 0])
    for expense in rows["expenses"]:
        row = spent[expense.incurred_at.astimezone(zone).date(), expense.platform, expense.category]
        row[0], row[1] = row[0] + expense.amount, row[1] + 1
    created: dict[Row, int] = defaultdict(int)
    for customer in rows["customers"]:
        if customer.created_at is not None:
            created[customer.created_at.astimezone(zone).date(), customer.platform] += 1
    return {
        "expense_day": {(*key, *row) for key, row in spent.items()},
        "signup_day": {(*key, number) for key, number in created.items()},
        **_count_activity(rows["activity"], zone),
    }


def _count_activity(events: list[Any], zone: ZoneInfo) -> dict[str, set[Row]]:
    days, hours, items = (defaultdict(list) for _ in range(3))  # type: ignore[var-annotated]
    for event in events:
        at = event.occurred_at.astimezone(zone)
        hours[at.date(), at.hour, event.platform].append(event)
        for kind in (event.kind, "all"):
            days[at.date(), event.platform, kind].append(event)
        if event.product_id is not None and event.kind in ("view", "cart", "checkout"):
            items[at.date(), event.platform, event.product_id].append(event.kind)

    def distinct(found: list[Any], name: str) -> int:
        return len({getattr(event, name) for event in found} - {None})

    return {
        "activity_day": {
            (*key, len(found), distinct(found, "visitor_id"), distinct(found, "user_id")) for key, found in days.items()
        },
        "activity_hour": {
            (*key, len(found), sum(event.kind == "visit" for event in found), distinct(found, "visitor_id"))
            for key, found in hours.items()
        },
        "item_day": {
            (*key, *(kinds.count(kind) for kind in ("view", "cart", "checkout"))) for key, kinds in items.items()
        },
    }


def count_stock(rows: dict[str, list[Any]]) -> dict[str, set[Row]]:
    """The levels as they are, and the history with its newest rows as they must be."""
    costs = {(product.platform, product.product_id): product.cost for product in rows["products"]}
    levels: dict[Row, Row] = {}
    for level in rows["inventory_levels"]:
        key = (level.platform, level.product_id)
        before = levels.get(key, NOTHING)
        sums = (before[0] + level.on_hand, before[1] + level.reserved, before[2] + level.incoming)
        levels[key] = (*sums, costs.get(key))
    noted: dict[Row, dict[date, Row]] = defaultdict(dict)
    for row in rows["stock_history"]:
        noted[row.platform, row.product_id][row.day] = (row.on_hand, row.reserved, row.incoming, row.unit_cost)
    for key in {*levels, *noted}:
        now = levels.setdefault(key, NOTHING)
        noted[key][max(noted[key], default=date.min)] = now
    return {
        "stock_level": {(*key, *level) for key, level in levels.items()},
        "stock_history": {(*key, day, *level) for key, by_day in noted.items() for day, level in by_day.items()},
        "inventory_day": _total(noted),
    }


def _total(noted: dict[Row, dict[date, Row]]) -> set[Row]:
    """Every platform's stock at the end of each day on which any of it was noted."""
    totals = set()
    for platform in {platform for platform, _ in noted}:
        mine = [by_day for (where, _), by_day in noted.items() if where == platform]
        for day in {day for by_day in mine for day in by_day}:
            lying = [by_day[max(past)] for by_day in mine if (past := [each for each in by_day if each <= day])]
            value = sum(on_hand * cost for on_hand, _, _, cost in lying if cost is not None)
            uncosted = sum(on_hand for on_hand, _, _, cost in lying if cost is None)
            on_hand, reserved, incoming = (sum(level[index] for level in lying) for index in range(3))
            products = sum(level[0] > 0 for level in lying)
            totals.add((day, platform, products, on_hand, reserved, incoming, value, uncosted))
    return totals
