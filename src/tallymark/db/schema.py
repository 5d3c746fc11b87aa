"""The schema in one piece, for readers: `python -m tallymark.db.schema FILE` writes it, as `make schema` does."""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg

from tallymark.db import embedded, migrations

HEADING = "-- Made from the migrations by `make schema`; a test holds the two together.\n\n"


def dump(conninfo: str, programs: Path) -> str:
    """What pg_dump says of our schema, without what differs from server to server."""
    asked = [str(programs / "pg_dump"), "--schema-only", "--no-owner", "--schema=tallymark", f"--dbname={conninfo}"]
    told = subprocess.run(asked, check=True, capture_output=True, text=True).stdout
    kept = [line for line in told.splitlines() if not re.match(r"(--|\\|SET |SELECT pg_catalog)", line)]
    return HEADING + re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip() + "\n"


def main(file: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="tallymark-schema-") as home:
        conninfo = embedded.ensure(Path(home) / "home")
        with psycopg.connect(conninfo, autocommit=True) as connection:
            migrations.apply(connection)
        file.write_text(dump(conninfo, embedded.bundled_programs()), "utf-8")
        embedded.leave(Path(home) / "home")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
