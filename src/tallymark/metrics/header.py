"""Reads one metric's file: TOML in a comment at the top, then one SELECT.

Everything a metric declares is checked here, once, when the catalogue is loaded; what is wrong is told with its
file and line. What the SQL itself may do is checked in `lineage`.
"""

import re
import tomllib
from collections.abc import Mapping
from decimal import Decimal
from importlib import resources
from typing import Any, Never, get_args

from tallymark.errors import SettingsError
from tallymark.metrics.metric import (
    Column,
    Kind,
    Metric,
    Parameter,
    ParameterType,
    Ready,
    Shape,
    Value,
    Window,
    as_asked,
)

SHARED = resources.files("tallymark.metrics").joinpath("catalog", "shared")
EVERY_ROLE = ("admin", "analyst", "viewer")

_FILE = re.compile(r"\A\s*/\*\n(?P<header>.*?)\*/\s*(?P<sql>.*)\Z", re.DOTALL)
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_WINDOW = re.compile(r"trailing (?:(?P<count>\d+)|\{(?P<parameter>\w+)\}) (?P<unit>days|months)")
_CTES = re.compile(r"^WITH (RECURSIVE )?", re.MULTILINE)
_SLOT = re.compile(r"\{(\w+)\}")
_TOML_LINE = re.compile(r" \(at line (\d+), column \d+\)")

_REQUIRED = {"title": str, "description": str, "formula": str, "source": str, "shape": str, "window": str}
_REQUIRED_TOO = {"columns": dict}
_OPTIONAL = {
    "whole_months": bool,
    "schedule": str,
    "weight": int,
    "roles": list,
    "prewarm": list,
    "ready": str,
}
_OPTIONAL_TOO = {"ttl": int, "parameters": dict, "warnings": dict, "with": dict}
KEYS: Mapping[str, type] = {**_REQUIRED, **_REQUIRED_TOO, **_OPTIONAL, **_OPTIONAL_TOO}

_PARAMETER: Mapping[str, type | tuple[type, ...]] = {
    "type": str,
    "doc": str,
    "default": (str, int, bool),
    "allowed": list,
    "min": int,
    "max": int,
    "days": dict,
}
_COLUMN: Mapping[str, type | tuple[type, ...]] = {
    "kind": str,
    "doc": str,
    "nullable": bool,
    "min": (int, Decimal),
}


def parse(name: str, file: str, text: str, ttl: int) -> Metric:
    """The metric a file declares, its SQL not yet traced; `ttl` where it names none of its own.

    Raises SettingsError with the file and the line.
    """
    return _Header(name, file, text, ttl).metric()


class _Header:
    def __init__(self, name: str, file: str, text: str, ttl: int) -> None:
        self.name, self.file, self.text, self.ttl = name, file, text, ttl
        found = _FILE.match(text)
        if found is None:
            self.fail(1, "a metric's file begins with /*, its header in TOML, and */")
        if not _NAME.fullmatch(name):
            self.fail(1, f"{name!r} is not a metric's name: lower case letters, digits and _")
        self.sql = found["sql"].strip().removesuffix(";")
        self.above = text[: found.start("header")].count("\n")
        try:
            self.toml: dict[str, Any] = tomllib.loads(found["header"], parse_float=Decimal)
        except tomllib.TOMLDecodeError as wrong:
            at = _TOML_LINE.search(str(wrong))
            line = int(at[1]) if at else found["header"].count("\n")
            self.fail(self.above + line, _TOML_LINE.sub("", str(wrong)))

    def metric(self) -> Metric:
        self.check_keys(self.toml, KEYS, "the header")
        for key in (*_REQUIRED, *_REQUIRED_TOO):
            if key not in self.toml:
                self.fail(1, f"the header does not say `{key}`")
        toml = self.toml
        parameters = {name: self.parameter(name, body) for name, body in toml.get("parameters", {}).items()}
        return Metric(
            name=self.name,
            title=toml["title"],
            description=toml["description"],
            formula=toml["formula"],
            source=toml["source"],
            shape=self.one_of("shape", toml["shape"], get_args(Shape)),
            window=self.window(parameters),
            ttl=toml.get("ttl", self.ttl),
            schedule=self.schedule(),
            weight=toml.get("weight", 1),
            roles=tuple(self.one_of("roles", role, EVERY_ROLE) for role in toml.get("roles", EVERY_ROLE)),
            parameters=parameters,
            prewarm=tuple(self.prewarm(chosen) for chosen in toml.get("prewarm", [])),
            ready=self.one_of("ready", toml.get("ready", "after"), get_args(Ready)),
            columns={name: self.column(name, body) for name, body in toml["columns"].items()},
            warnings=dict(toml.get("warnings", {})),
            sql=self.with_shared(),
        )

    def with_shared(self) -> str:
        """The SQL, its own CTEs behind those that it shares with other metrics."""
        shared = "".join(f"{self.shared(name, said)},\n" for name, said in self.toml.get("with", {}).items())
        return _CTES.sub(lambda found: found[0] + shared, self.sql, count=1) if shared else self.sql

    def shared(self, name: str, said: object) -> str:
        file = SHARED.joinpath(f"{name}.sql")
        if not file.is_file() or not _CTES.search(self.sql):
            self.fail(self.line_of(name), f"there are no CTEs {name!r} to share, or no WITH to put them in")
        text = file.read_text("utf-8").strip()
        names = dict.fromkeys(_SLOT.findall(text), str)
        self.check_table("with", name, said, names, tuple(names))
        assert isinstance(said, dict)
        return _SLOT.sub(lambda slot: said[slot[1]], text)

    def window(self, parameters: Mapping[str, Parameter]) -> Window:
        said, whole = self.toml["window"], self.toml.get("whole_months", False)
        if said in ("all", "none"):
            return Window(said, whole_months=whole)
        found = _WINDOW.fullmatch(said)
        if found is None:
            self.fail(self.line_of("window"), f"window {said!r} is not all, none or `trailing N days|months`")
        if found["parameter"] and getattr(parameters.get(found["parameter"]), "type", None) != "integer":
            self.fail(self.line_of("window"), f"window names {found['parameter']!r}: no integer parameter")
        count = found["parameter"] or int(found["count"])
        return Window("trailing", count, "days" if found["unit"] == "days" else "months", whole)

    def schedule(self) -> str | None:
        cron = self.toml.get("schedule")
        if cron is not None and len(cron.split()) != 5:
            self.fail(self.line_of("schedule"), f"schedule {cron!r} has not the five fields of cron")
        return cron

    def parameter(self, name: str, body: Mapping[str, Any]) -> Parameter:
        self.check_table("parameters", name, body, _PARAMETER, ("type", "doc"))
        kind: ParameterType = self.one_of("type", body["type"], get_args(ParameterType))
        return Parameter(
            name=name,
            type=kind,
            doc=body["doc"],
            default=body.get("default"),
            allowed=tuple(body.get("allowed", ())),
            min=body.get("min"),
            max=body.get("max"),
            days=self.days(name, body),
        )

    def days(self, name: str, body: Mapping[str, Any]) -> Mapping[Value, int]:
        for value, most in body.get("days", {}).items():
            self.one_of("days", value, tuple(map(str, body.get("allowed", ()))), name)
            if not isinstance(most, int) or most < 1:
                self.fail(self.line_of(name), f"{most!r} is no number of days for {value}")
        return dict(body.get("days", {}))

    def column(self, name: str, body: Mapping[str, Any]) -> Column:
        self.check_table("columns", name, body, _COLUMN, ("kind", "doc"))
        kind: Kind = self.one_of("kind", body["kind"], get_args(Kind), name)
        least = body.get("min")
        return Column(
            name=name,
            kind=kind,
            doc=body["doc"],
            nullable=body.get("nullable", False),
            min=None if least is None else Decimal(least),
        )

    def prewarm(self, chosen: object) -> Mapping[str, str]:
        if not isinstance(chosen, dict):
            self.fail(self.line_of("prewarm"), "prewarm is a list of parameter sets: [{}, {limit = 20}]")
        return {key: as_asked(value) for key, value in chosen.items()}

    def check_table(
        self, table: str, name: str, body: object, known: Mapping[str, Any], required: tuple[str, ...]
    ) -> None:
        if not isinstance(body, dict):
            self.fail(self.line_of(table), f"[{table}.{name}] must be a table")
        self.check_keys(body, known, f"[{table}.{name}]", name)
        for key in required:
            if key not in body:
                self.fail(self.line_of(name), f"[{table}.{name}] does not say `{key}`")

    def check_keys(
        self, found: Mapping[str, Any], known: Mapping[str, Any], where: str, near: str | None = None
    ) -> None:
        for key, value in found.items():
            if key not in known:
                self.fail(self.line_of(key, near), f"{where} knows no `{key}`, only {', '.join(known)}")
            wrong_bool = isinstance(value, bool) and known[key] is int
            if wrong_bool or not isinstance(value, known[key]):
                self.fail(self.line_of(key, near), f"`{key}` in {where} must not be {value!r}")

    def one_of(self, key: str, value: Any, allowed: tuple[Any, ...], near: str | None = None) -> Any:
        if value not in allowed:
            self.fail(self.line_of(key, near), f"{key} {value!r} is not one of {', '.join(allowed)}")
        return value

    def line_of(self, key: str, near: str | None = None) -> int:
        """The first line that names the key, below the one that names its table."""
        lines = self.text.splitlines()
        start = self.line_of(near) - 1 if near else 0
        for number, line in enumerate(lines[start:], start + 1):
            if re.search(rf"(?<![\w.]){re.escape(key)}(?![\w])", line) or f".{key}]" in line:
                return number
        return start + 1

    def fail(self, line: int, message: str) -> Never:
        raise SettingsError(f"{self.file}, line {line}: {message}.")
