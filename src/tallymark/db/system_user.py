"""Who runs our own PostgreSQL: we ourselves, or, as it refuses to run as root, a user made for it."""

import os
import pwd
import subprocess
from pathlib import Path

from tallymark.errors import DatabaseUnavailable

NAME = "tallymark"


def system_user() -> pwd.struct_passwd | None:
    """The user to change to, made if missing; None when we are not root and need none."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam(NAME)
    except KeyError:
        pass
    command = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", NAME]
    try:
        made = subprocess.run(command, capture_output=True, text=True)
        return pwd.getpwnam(NAME)  # Whoever made it: two of us may have tried at once.
    except (OSError, KeyError) as failed:
        reason = failed if isinstance(failed, OSError) else made.stderr.strip()
        raise DatabaseUnavailable(
            f"PostgreSQL does not run as root, and the user {NAME} could not be made for it: {reason}",
            hint="Run as an ordinary user, or set DATABASE_URL.",
        ) from None


def open_path_to(path: Path) -> None:
    """Lets others pass through, not look into, the folders above `path`."""
    for folder in path.absolute().parents:
        mode = folder.stat().st_mode
        if not mode & 0o001:
            folder.chmod(mode | 0o001)
