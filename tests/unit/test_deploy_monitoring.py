"""The dashboard and the alert rules ask for what is really told, by the names and labels it is told under."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tallymark.monitoring import METERS, PREFIX

FOLDER = Path(__file__).parents[2] / "deploy/monitoring"
NAME = re.compile(rf"{PREFIX}(\w+)(?:{{([^}}]*)}})?")
OF_HISTOGRAM = ("_bucket", "_sum", "_count")
WANTED = {
    "TallymarkFiguresStale", "TallymarkRefreshSlow", "TallymarkErrorsFast", "TallymarkSharedCacheAway",
    "TallymarkReplicaBehind", "TallymarkVerifyDiffers", "TallymarkPoolExhausted",
}  # fmt: skip


def rules() -> list[dict[str, Any]]:
    groups = yaml.safe_load((FOLDER / "alerts.yaml").read_text("utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


def expressions() -> list[str]:
    dashboard = json.loads((FOLDER / "dashboard.json").read_text("utf-8"))
    shown = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    return shown + [rule["expr"] for rule in rules()]


@pytest.mark.parametrize("expression", expressions())
def test_every_expression_names_what_is_told(expression: str) -> None:
    found = NAME.findall(expression)
    assert found
    for name, selector in found:
        told = name
        if name not in METERS:
            told = next((name.removesuffix(end) for end in OF_HISTOGRAM if name.endswith(end)), name)
            assert METERS[told].kind == "histogram", name
        meter = METERS[told]
        for label, value in re.findall(r'(\w+)!?="([^"]*)"', selector):
            assert label in meter.labels or label == "le", expression
            assert label != "le" or float(value) in meter.bounds, expression
    for labels in re.findall(r"by \(([^)]*)\)", expression):
        known = {label for name, _ in found for meter in (METERS.get(name),) if meter for label in meter.labels}
        known |= {label for meter in METERS.values() if meter.kind == "histogram" for label in meter.labels} | {"le"}
        assert {label.strip() for label in labels.split(",")} <= known, expression
    assert expression.count("(") == expression.count(")")


def test_the_rules_cover_what_goes_wrong_and_say_what_it_is() -> None:
    assert {rule["alert"] for rule in rules()} >= WANTED
    for rule in rules():
        assert rule["labels"]["severity"] in {"page", "ticket"}
        assert rule["annotations"]["summary"]


def test_the_page_of_the_docs_lists_everything_that_is_told() -> None:
    page = (FOLDER.parents[1] / "docs/monitoring.md").read_text("utf-8")
    listed = dict(re.findall(rf"^\| `{PREFIX}(\w+)` \| [^|]* \| ([^|]*) \|$", page, re.MULTILINE))
    assert listed == {name: meter.doc for name, meter in METERS.items()}
