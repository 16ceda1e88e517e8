"""How many cores this process may use."""

import os


def usable_cores() -> int:
    """The cores that the process is allowed, which in a container may be few of the machine's."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
