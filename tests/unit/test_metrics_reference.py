from pathlib import Path

from tallymark.metrics import Catalog
from tallymark.metrics.catalogue import DERIVED
from tallymark.metrics.header import KEYS
from tallymark.metrics.reference import reference

DOCS = Path(__file__).parents[2] / "docs"


def test_the_reference_page_is_that_of_the_catalogue():
    assert (DOCS / "metrics.md").read_text() == reference(Catalog.load()), (
        "run: python -m tallymark.metrics.reference > docs/metrics.md"
    )


def test_the_guide_names_every_header_key_and_every_placeholder():
    guide = (DOCS / "adding-a-metric.md").read_text()
    missing = {name for name in (*KEYS, *DERIVED) if f"`{name}`" not in guide and f"`[{name}]`" not in guide}
    assert not missing
