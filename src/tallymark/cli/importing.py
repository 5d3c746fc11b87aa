"""`tallymark import`."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from tallymark.cli import terminal
from tallymark.cli.installation import installation
from tallymark.cli.progress import progress
from tallymark.cli.tables import show
from tallymark.connectors.files import import_files
from tallymark.errors import BadQuestion
from tallymark.ingest import Loaded
from tallymark.model import exact_json


def run(
    files: Sequence[Path], slug: str, platform: str, mapping: Path | None, preset: str | None, *, as_json: bool
) -> int:
    if mapping is not None and preset is not None:
        raise BadQuestion("--mapping and --preset exclude each other.")
    with installation() as here:
        tenant = here.tenant(slug)
        with progress() as report:
            loaded = import_files(
                here.database,
                tenant,
                list(files),
                platform=platform,
                mapping=mapping,
                preset=preset,
                on_progress=report,
            )
    if as_json:
        records = {kind: asdict(counts) for kind, counts in loaded.counts.items()}
        terminal.result(exact_json.dumps({"tenant": slug, "platform": platform, "records": records}))
        return 0
    show(
        ("records", "new", "changed", "unchanged"),
        [(kind, counts.new, counts.changed, counts.unchanged) for kind, counts in loaded.counts.items()],
    )
    if _wrote(loaded):
        terminal.note(f"Next: tallymark refresh --tenant {slug}")
    return 0


def _wrote(loaded: Loaded) -> bool:
    return any(counts.new or counts.changed for counts in loaded.counts.values())
