"""What an import would do, shown before it does: the files, how they are read, and what comes of every row."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, replace
from typing import Any
from uuid import UUID

from tallymark import ingest
from tallymark.api.instance import Instance
from tallymark.api.uploads import Upload
from tallymark.connectors.files import Choice, Filled, Looked, Preview, Reading, bounded, look, parsed, read, suggested
from tallymark.errors import ImportRefused
from tallymark.ingest import Batch, Checked, Table
from tallymark.model import Tenant

SHOWN = 8
UNPACKED = 4
"""Records may take so many times the room that files may: repeated ids, columns for several kinds."""


@contextmanager
def opened(
    parts: Instance, tenant: Tenant, uploads: Mapping[UUID, Upload], platform: str, reading: Reading
) -> Iterator[Batch]:
    """The records of files that were sent, read as chosen, and no more of them than may be."""
    paths = [upload.path for upload in uploads.values()]
    with read(paths, tenant, platform=platform, preset=reading.preset, choices=reading.choices) as batch:
        yield bounded(batch, UNPACKED * parts.uploads.most_bytes)


def previewed(
    parts: Instance,
    tenant: Tenant,
    uploads: Mapping[UUID, Upload],
    platform: str,
    reading: Reading | None,
    note: Callable[[str, int], None],
) -> dict[str, Any]:
    """Raises BadQuestion for what cannot be chosen, ImportRefused for a file that cannot be read in any way."""
    found = look([upload.path for upload in uploads.values()], tenant)
    reading = reading or suggested(found, tenant)
    tables, checked = _check(parts, tenant, uploads, platform, reading, note)
    return {
        "files": [_file(upload, looked) for upload, looked in zip(uploads.values(), found.files, strict=True)],
        "presets": _presets(found),
        "reading": {
            "why": reading.why,
            "preset": reading.preset,
            "tables": [_choice(choice, uploads) for choice in reading.choices],
        },
        "records": [
            {
                "kind": table.kind,
                "rows": checked.rows.get(table.kind, 0),
                "columns": table.columns,
                "first": rows,
            }
            for table, rows in tables
        ],
        "refused": _refused(checked.refusal),
    }


def _check(
    parts: Instance,
    tenant: Tenant,
    uploads: Mapping[UUID, Upload],
    platform: str,
    reading: Reading,
    note: Callable[[str, int], None],
) -> tuple[list[tuple[Table, list[list[str]]]], Checked]:
    tables: list[tuple[Table, list[list[str]]]] = []
    try:
        with opened(parts, tenant, uploads, platform, reading) as batch:
            tables = [(table, []) for table in batch.tables]
            watched = [replace(table, chunks=_watched(table, rows)) for table, rows in tables]
            with parts.database.connect(tenant.tenant_id, statement_timeout=0) as conn:
                return tables, ingest.check(conn, replace(batch, tables=watched), on_progress=note)
    except ImportRefused as refused:
        return tables, Checked({}, refused)


def _watched(table: Table, rows: list[list[str]]) -> Iterator[bytes]:
    """The chunks as they pass; the first rows of them are kept."""
    for chunk in table.chunks:
        if len(rows) < SHOWN:
            first = parsed(replace(table, chunks=[chunk]))
            rows.extend(values for _, (_, *values) in zip(range(SHOWN - len(rows)), first, strict=False))
        yield chunk


def _file(upload: Upload, looked: Looked) -> dict[str, Any]:
    return {
        "id": str(upload.upload_id),
        "name": upload.name,
        "size": upload.size,
        "columns": [asdict(column) for column in looked.columns],
        "rows": looked.rows,
    }


def _presets(found: Preview) -> list[dict[str, Any]]:
    return [
        {"name": fit.preset, "fits": fit.fits and bool(fit.reads), "reads": fit.reads, "misses": fit.misses}
        for fit in found.presets
    ]


def _choice(choice: Choice, uploads: Mapping[UUID, Upload]) -> dict[str, Any]:
    file = next(number for number, upload in uploads.items() if upload.path == choice.path)
    columns = {name: _filled(filled) for name, filled in choice.columns.items()}
    return {
        "file": str(file),
        "kind": choice.kind,
        "columns": columns,
        "dates": choice.dates,
        "numbers": choice.numbers,
    }


def _filled(filled: Filled) -> dict[str, Any]:
    if filled.column is not None:
        return {"column": filled.column}
    return {"numbered": True} if filled.constant is None else {"constant": filled.constant}


def _refused(refusal: ImportRefused | None) -> dict[str, Any] | None:
    if refusal is None:
        return None
    problems = [asdict(problem) for problem in refusal.problems]
    return {"message": refusal.message, "hint": refusal.hint, "total": refusal.total, "problems": problems}
