"""What a document costs is known before it runs, and finding out costs little, whatever the document."""

import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from graphql import Lexer, Source, TokenKind, parse
from hypothesis import given, settings
from hypothesis import strategies as st

from tallymark.api.graphql.cost import LIMITS
from tallymark.api.graphql.documents import Documents, Invalid
from tallymark.api.graphql.schema import build
from tallymark.api.graphql.tokens import Tokens
from tallymark.errors import BadQuestion, QueryTooLarge
from tallymark.metrics import Catalog

SCHEMA, QUESTIONS = build(Catalog.load())
DAYS = 'dateRange:{startDate:"2026-01-01",endDate:"2026-02-01"}'
# Bytes of the largest body, less the JSON around the query.
BODY = 64 * 1024 - 60
# Calls of functions, Python's and C's. On one core of 2020 ten of them take 1 to 2 microseconds: 50 ms are enough.
MOST_WORK = 330_000


@pytest.fixture
def documents() -> Documents:
    """Without anything remembered."""
    return Documents(SCHEMA.core, QUESTIONS)


def figures(text: str, variables: dict[str, Any] | None = None, name: str | None = None) -> dict[str, int]:
    return dict(Documents(SCHEMA.core, QUESTIONS).operation(text, name, variables or {}).figures)


def times(count: int, part: Callable[[int], str] | str) -> str:
    return "".join(part if isinstance(part, str) else part(number) for number in range(count))


def overview(inside: str) -> str:
    return f"{{salesOverview({DAYS}){{{inside}}}}}"


def fragments(count: int, inside: str) -> str:
    spread, made = (
        times(count, lambda n: f"...F{n} "),
        times(count, lambda n: f"fragment F{n} on SalesOverview{{{inside}}}"),
    )
    return overview(spread) + made


WIDE = "grossSales discounts returns netSales shipping tax totalSales orders units averageOrderValue customers \
newCustomers "
NESTED = "topProducts(sortBy:REVENUE){product{category{parent{parent{name id}}}name sku active cost price}name revenue}"

HOSTILE = {
    "brackets": "{" * BODY,
    "fields within fields": "{a" * (BODY // 2),
    "names": "{" + "a " * (BODY // 2) + "}",
    "one name over and over": "{" + "orders " * 900 + "}",
    "one figure over and over": overview("orders " * 900),
    "strings that are not closed": '"\\"' * (BODY // 3),
    "quotes": '"' * BODY,
    "a block string": '{a(x:"""' + "x" * (BODY - 20) + '""")}',
    "block strings in a block string": '"""' + '\\"""' * (BODY // 4),
    "a comment": "#" * BODY,
    "comments": "#\n" * (BODY // 2),
    "comments within the limit": "#\n" * 990 + "{__typename}",
    "commas": "," * BODY + "{__typename}",
    "lines": "\n" * BODY + "{__typename}",
    "directives": "{__typename " + "@a" * 490 + "}",
    "more directives": "{__typename " + "@a " * 20000 + "}",
    "digits": "{a(x:" + "1" * (BODY - 10) + ")}",
    "signs": "-" * BODY,
    "dots": "..." * (BODY // 3),
    "letters no name has": "é" * (BODY // 2),
    "nothing": "\0" * BODY,
    "a fragment within itself": "{...A}fragment A on Query{...B}fragment B on Query{...A}",
    "fragments that double": "{...F0}"
    + times(14, lambda n: f"fragment F{n} on Query{{...F{n + 1} ...F{n + 1}}}")
    + "fragment F14 on Query{__typename}",
    "fragments beside each other": fragments(15, WIDE),
    "aliases": overview(times(300, lambda n: f"a{n}:orders ")),
    "unknown fields": "{" + times(990, lambda n: f"a{n} ") + "}",
    "unknown arguments": "{salesOverview(" + times(320, lambda n: f"a{n}:1 ") + "){orders}}",
    "unknown members": "{salesOverview(dateRange:{" + times(320, lambda n: f"a{n}:1 ") + "}){orders}}",
    "variables": "query(" + times(240, lambda n: f"$a{n}:Int ") + "){__typename}",
    "operations": times(190, lambda n: f"query q{n}{{__typename}}"),
    "inline fragments": "{" + "...{" * 38 + "__typename" + "}" * 38 + "}",
    "inline fragments beside each other": overview("...{orders}" * 230),
    "a long list": "{topProducts(limit:[" + "1 " * 950 + "] sortBy:REVENUE){name}}",
    "as many duplicates as may be": "{" + NESTED * 11 + "}",
    "duplicates of much": "{" + f"salesOverview({DAYS}){{{WIDE}growth{{orders units tax}}}}" * 11 + "}",
    "duplicates that differ": "{" + times(11, lambda n: f"topProducts(sortBy:REVENUE limit:{n}){{name}}") + "}",
    "types within types": "{__schema{types{fields{type{fields{type{fields{name}}}}}}}}",
    "one type for ever": '{__type(name:"Query"){' + "fields{type{" * 15 + "name" + "}}" * 15 + "}}",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_document_costs_little(documents: Documents, name: str) -> None:
    text = HOSTILE[name]
    assert len(text) <= 64 * 1024
    work = 0

    def count(_: object, event: str, __: object) -> None:
        nonlocal work
        work += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        documents.operation(text, None, {})
    except (Invalid, BadQuestion):
        pass
    finally:
        sys.setprofile(None)
    assert work <= MOST_WORK


WEIGHT = {name: metric.weight for name, metric in Catalog.load().items()}
# What it takes to tell how the best products grew is part of asking for them.
ONE, TOP = WEIGHT["sales_overview"], WEIGHT["top_products"] + WEIGHT["product_performance"]

REFUSED = {
    "tokens": ("{" + "a " * 1000 + "}", 1002),
    "tokenLength": ('{a(x:"' + "x" * 1500 + '")}', 1502),
    "brackets": ("{a" * 41 + "}" * 41, 41),
    "fragments": (fragments(16, "orders"), 16),
    "duplicateFields": (overview("orders " * 12), 11),
    "depth": ("{topProducts(sortBy:UNITS){product{category" + "{parent" * 8 + "{name" + "}" * 9 + "}}}", 12),
    "aliases": (overview(times(31, lambda n: f"a{n}:orders ")), 31),
    "complexity": ("{topProducts(sortBy:UNITS,limit:1000){name}}", 1000 + TOP),
}


def test_every_limit_has_a_case_and_a_line_in_the_guide() -> None:
    assert REFUSED.keys() == LIMITS.keys()
    guide = (Path(__file__).parents[2] / "docs" / "http.md").read_text("utf-8")
    assert re.findall(r"^\| `(\w+)` \| ([\d,]+) \|", guide, re.MULTILINE) == [
        (name, f"{limit:,}") for name, limit in LIMITS.items()
    ]


@pytest.mark.parametrize("name", REFUSED)
def test_the_error_names_the_limit_and_the_querys_own_figure(name: str) -> None:
    text, figure = REFUSED[name]
    with pytest.raises(QueryTooLarge) as refused:
        figures(text)
    assert refused.value.details == {"limit": name, "allowed": LIMITS[name], "figure": figure}
    assert f"{figure:,}" in refused.value.message
    assert f"{LIMITS[name]:,}" in refused.value.message


@pytest.mark.parametrize(
    ("name", "text", "variables"),
    [
        ("depth", "{topProducts(sortBy:UNITS){product{category" + "{parent" * 6 + "{name" + "}" * 7 + "}}}", {}),
        ("aliases", overview(times(30, lambda n: f"a{n}:orders ")), {}),
        ("duplicateFields", overview("orders " * 11), {}),
        ("complexity", "query($n:Int!){topProducts(sortBy:UNITS,limit:$n){name}}", {"n": 1000 - TOP}),
    ],
)
def test_up_to_a_limit_a_document_runs(name: str, text: str, variables: dict[str, Any]) -> None:
    assert figures(text, variables)[name] == LIMITS[name]


@pytest.mark.parametrize(
    ("text", "variables", "complexity"),
    [
        (overview("orders"), {}, ONE + 1),
        (overview(WIDE), {}, ONE + 3),  # Twelve figures.
        (overview("orders freshness{stale warnings{code}}"), {}, ONE + 3),
        (f"{{a:salesOverview({DAYS}){{orders}} b:salesOverview({DAYS}){{units}}}}", {}, 2 * (ONE + 1)),
        ("{topProducts(sortBy:UNITS){name}}", {}, TOP + 10),
        ("{topProducts(sortBy:UNITS,limit:3){name product{name category{name}}}}", {}, TOP + 3 * 3),
        ("query($n:Int=7){topProducts(sortBy:UNITS,limit:$n){name}}", {"n": 4}, TOP + 4),
        ("{...A}fragment A on Query{topProducts(sortBy:UNITS){...B}}fragment B on ProductInsight{name}", {}, TOP + 10),
        ("{...A ...A}fragment A on Query{topProducts(sortBy:UNITS){name}}", {}, 2 * (TOP + 10)),
        ("{__typename}", {}, 0),
    ],
)
def test_complexity_counts_weights_objects_and_rows(text: str, variables: dict[str, Any], complexity: int) -> None:
    assert figures(text, variables)["complexity"] == complexity


@pytest.mark.parametrize(
    ("arguments", "rows"),
    [
        ("period:YEAR", 366),
        ("period:YEAR,granularity:MONTH", 13),
        ("period:TODAY,granularity:HOUR", 24),
        (f"period:CUSTOM,{DAYS}", 32),
    ],
)
def test_a_trend_is_as_long_as_its_days(arguments: str, rows: int) -> None:
    found = figures(f"{{salesTrends(metric:AOV,{arguments}){{value}}}}")["complexity"]
    assert found == WEIGHT["sales_trends"] + rows + 2  # The two ends may be cut.


def test_only_the_operation_asked_for_counts(documents: Documents) -> None:
    text = "query a{__typename} query b{topProducts(sortBy:UNITS){name}}"
    assert figures(text, name="a")["complexity"] == 0
    assert figures(text, name="b")["complexity"] == TOP + 10
    with pytest.raises(BadQuestion, match="a, b"):
        documents.operation(text, None, {})
    with pytest.raises(BadQuestion):
        documents.operation(text, "c", {})


def test_a_document_is_remembered_whatever_its_layout(documents: Documents) -> None:
    first = documents.operation("{topProducts(sortBy:UNITS){name}}", None, {})
    again = documents.operation("{ topProducts ( sortBy : UNITS ) # best\n { name } }", None, {})
    other = documents.operation("{topProducts(sortBy:UNITS){name revenue}}", None, {})
    assert again.document is first.document
    assert other.document.key != first.document.key


def test_an_invalid_document_is_not_remembered(documents: Documents) -> None:
    for _ in range(2):
        with pytest.raises(Invalid, match="Cannot query field 'nonsense'"):
            documents.operation("{nonsense}", None, {})


def test_figures_and_the_schema_are_not_asked_for_together(documents: Documents) -> None:
    assert documents.operation("{__schema{queryType{name}} __typename}", None, {}).introspects
    assert not documents.operation("{__typename}", None, {}).introspects
    mixed = documents.operation("{__schema{queryType{name}} topProducts(sortBy:UNITS){name}}", None, {})
    with pytest.raises(BadQuestion):
        _ = mixed.introspects


def test_the_documents_that_are_kept_may_run(documents: Documents) -> None:
    names = [name for name in documents.names if len(name) < 64]
    assert names
    for name in names:
        figures(documents.kept(name))


WORDS = st.text("abcXYZ_09", min_size=1, max_size=6).filter(lambda word: not word[0].isdigit())
PIECES = st.one_of(
    st.sampled_from(
        ["{", "}", "(", ")", "[", "]", ":", "=", "!", "|", "&", "$", "@", "...", ",", " ", "\n", "\t", "\ufeff"]
    ),
    WORDS,
    st.from_regex(r"-?(0|[1-9][0-9]{0,3})(\.[0-9]{1,3})?([eE][+-]?[0-9])?", fullmatch=True),
    st.from_regex(r'"([^"\\\n\r]|\\["\\nrt])*"', fullmatch=True, alphabet='ab \\"nrté#,{}'),
    st.from_regex(r'"""([^"\\]|\\""")*"""', fullmatch=True, alphabet='ab \\"\n#,{}'),
    st.from_regex(r"#[^\n\r]*\n", fullmatch=True, alphabet='ab "{}#\n'),
)


def lexed(text: str) -> Iterator[tuple[Any, str | None]]:
    lexer = Lexer(Source(text))
    while (token := lexer.advance()).kind is not TokenKind.EOF:
        yield token.kind, token.value


@settings(max_examples=300, deadline=None, derandomize=True, database=None)
@given(st.lists(PIECES, max_size=30))
def test_tokens_are_those_of_the_language(pieces: list[str]) -> None:
    text = " ".join(pieces)
    found, expected = Tokens(text), list(lexed(text))
    assert found.count == len(expected) + sum(piece.startswith("#") for piece in pieces)
    assert list(lexed(found.text)) == expected


def test_a_bare_text_is_the_same_document() -> None:
    for name in Documents(SCHEMA.core, QUESTIONS).names:
        text = Documents(SCHEMA.core, QUESTIONS).kept(name)
        assert parse(Tokens(text).text, no_location=True) == parse(text, no_location=True)
