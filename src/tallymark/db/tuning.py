"""How our own PostgreSQL is set: for analytics on a machine it shares with the program."""

import os
from pathlib import Path

MB = 1 << 20
LARGEST_BUFFERS = 8192 * MB
ROOMY_SHARED_MEMORY = 1024 * MB

# A statement that counts changes needs some MB. The C library would give them back to the system after each and have
# them cleared page by page for the next, which cost more than looking at what had changed.
KEEP_MEMORY = {
    "MALLOC_TRIM_THRESHOLD_": str(128 * MB),
    "MALLOC_MMAP_THRESHOLD_": str(128 * MB),
    "MALLOC_TOP_PAD_": str(4 * MB),
}
"""What glibc is told by the environment; others take no notice."""


def tuned() -> dict[str, str]:
    """PostgreSQL settings for this machine, as they are written in its configuration file."""
    memory = _memory()
    return {
        # Only its own folder's socket leads in; whoever may enter that folder may connect.
        "listen_addresses": "''",
        "unix_socket_permissions": "0700",
        "max_connections": "100",
        "shared_buffers": f"{max(128 * MB, min(memory // 4, LARGEST_BUFFERS)) // MB}MB",
        "effective_cache_size": f"{max(memory // 2, 256 * MB) // MB}MB",
        "work_mem": "32MB",
        "maintenance_work_mem": "256MB",
        "dynamic_shared_memory_type": "posix" if _shared_memory() >= ROOMY_SHARED_MEMORY else "mmap",
        "random_page_cost": "1.1",
        # Our queries take milliseconds; compiling them costs more than it gives.
        "jit": "off",
        "max_wal_size": "4GB",
        "wal_buffers": "64MB",
        # A refresh touches pages all over the rollups; compressing each after a checkpoint doubled its time.
        "wal_compression": "off",
        # What a refresh writes is on its way to the disk while it runs: the commit at its end waits for little.
        "wal_writer_delay": "10ms",
        "checkpoint_timeout": "15min",
        "synchronous_commit": "on",
        # Rollups are rewritten in place all day: clean up early and often.
        "autovacuum_naptime": "20s",
        "autovacuum_vacuum_scale_factor": "0.05",
        "autovacuum_vacuum_insert_scale_factor": "0.1",
        "autovacuum_analyze_scale_factor": "0.02",
        "autovacuum_vacuum_cost_limit": "2000",
        "timezone": "'UTC'",
        "log_timezone": "'UTC'",
        "log_checkpoints": "off",
        "log_line_prefix": "'%m [%p] %d '",
    }


def _memory() -> int:
    """Bytes we may count on: the machine's, or what the container is allowed."""
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        return min(machine, int(Path("/sys/fs/cgroup/memory.max").read_text()))
    except (OSError, ValueError):
        return machine


def _shared_memory() -> int:
    """Bytes of POSIX shared memory: containers often have 64 MB, which a parallel query outgrows."""
    try:
        space = os.statvfs("/dev/shm")
    except OSError:
        return ROOMY_SHARED_MEMORY  # A system that does not keep it in a folder.
    return space.f_blocks * space.f_frsize
