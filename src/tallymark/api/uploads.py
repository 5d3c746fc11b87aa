"""Files on their way in: each waits in a folder of its shop until it is imported, taken back or forgotten.

Where a file lies is made of the shop's number and of a random one, so nobody finds what another shop has sent. What
nobody imports goes after some hours; what a killed process has left behind goes too, when a server starts and while it
runs.
"""

import asyncio
import shutil
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

from fastapi.concurrency import run_in_threadpool

from tallymark.connectors.files import require_sound
from tallymark.errors import BadQuestion, Conflict, ImportRefused, NotFound

MOST_FILES = 20
KEPT = 6 * 3600.0
"""Seconds for which a file waits."""
BETWEEN_SWEEPS = 600.0
BLOCK = 4 << 20
LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that waits."""

    upload_id: UUID
    path: Path
    size: int

    @property
    def name(self) -> str:
        return self.path.name


class Uploads:
    """The files that wait below `folder`; of one shop, `most_bytes` at most, packed ones counted unpacked."""

    def __init__(self, folder: Path, most_bytes: int) -> None:
        self.folder = folder
        self.most_bytes = most_bytes

    async def receive(self, tenant_id: int, name: str, body: AsyncIterator[bytes]) -> Upload:
        """Keeps a file under its own name. Raises BadQuestion, ImportRefused, or Conflict where there is no room."""
        check_name(name)
        upload_id = uuid4()
        place = self._of(tenant_id) / str(upload_id)
        try:
            await run_in_threadpool(self._make_room, tenant_id, place)
            await self._write(tenant_id, place / name, body)
            await run_in_threadpool(require_sound, place / name, self.most_bytes)
        except BaseException:
            shutil.rmtree(place, ignore_errors=True)
            raise
        return Upload(upload_id, place / name, (place / name).stat().st_size)

    def find(self, tenant_id: int, upload_id: UUID) -> Upload:
        """Raises NotFound for what is not there, or is another shop's."""
        with suppress(OSError):
            for path in (self._of(tenant_id) / str(upload_id)).iterdir():
                return Upload(upload_id, path, path.stat().st_size)
        raise NotFound(
            f"There is no file {upload_id} that waits to be imported.",
            hint="It has been imported, or has waited too long: send it once more.",
        )

    def remove(self, upload: Upload) -> None:
        shutil.rmtree(upload.path.parent, ignore_errors=True)

    def sweep(self, now: float) -> int:
        """Removes what has waited too long by `now`, whoever left it there; says how many files."""
        swept = 0
        for place in self.folder.glob("*/*"):
            with suppress(OSError):
                newest = max(one.stat().st_mtime for one in (place, *place.iterdir()))
                if newest < now - KEPT:
                    shutil.rmtree(place, ignore_errors=True)
                    swept += 1
        return swept

    async def keep_swept(self) -> None:
        """Sweeps now and from time to time, until it is cancelled."""
        while True:
            await run_in_threadpool(self.sweep, time.time())
            await asyncio.sleep(BETWEEN_SWEEPS)

    async def _write(self, tenant_id: int, path: Path, body: AsyncIterator[bytes]) -> None:
        with path.open("xb") as file:
            gathered, size = bytearray(), 0
            async for chunk in body:
                gathered += chunk
                if len(gathered) >= BLOCK:
                    size += await run_in_threadpool(file.write, bytes(gathered))
                    gathered.clear()
                    await run_in_threadpool(self._require_room, tenant_id)
            size += await run_in_threadpool(file.write, bytes(gathered))
        if size == 0:
            raise ImportRefused([], message=f"{path.name} is empty.", hint="Was it saved before it was chosen?")
        await run_in_threadpool(self._require_room, tenant_id)

    def _make_room(self, tenant_id: int, place: Path) -> None:
        self.sweep(time.time())
        if len(list(self._of(tenant_id).glob("*"))) >= MOST_FILES:
            raise Conflict(
                f"{MOST_FILES} files wait to be imported already.", hint="Import them, or take some of them back."
            )
        self._require_room(tenant_id)
        place.mkdir(mode=0o700, parents=True)

    def _require_room(self, tenant_id: int) -> None:
        waiting = 0
        for path in self._of(tenant_id).glob("*/*"):
            with suppress(OSError):
                waiting += path.stat().st_size
        if waiting > self.most_bytes:
            raise Conflict(
                f"Files of more than {self.most_bytes >> 20} MB would wait to be imported.",
                hint="Import those that wait, or take some of them back. The command line has no limit.",
            )

    def _of(self, tenant_id: int) -> Path:
        return self.folder / str(tenant_id)


def check_name(name: str) -> None:
    """Raises BadQuestion unless a file may be called so: its name is what its rows are told by, and nothing else."""
    if (
        not name.isprintable()
        or name.startswith(".")
        or len(name.encode()) > LONGEST_NAME
        or any(sign in name for sign in "/\\:")
    ):
        raise BadQuestion(
            "name must be that of a file, without folders.",
            hint=f"At most {LONGEST_NAME} bytes; no slashes, no colons, no dot in front.",
            details={"parameter": "name"},
        )
