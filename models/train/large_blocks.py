"""glibc gives large blocks back to the kernel at once, and PyTorch asks for them again at every operation: with these settings
it keeps them. They must be set before the process starts, so keep() starts it again."""
import os
import sys

SETTINGS = {"MALLOC_MMAP_THRESHOLD_": "536870912", "MALLOC_TRIM_THRESHOLD_": "1073741824",
            "MALLOC_TOP_PAD_": "268435456"}


def keep():
    if any(name not in os.environ for name in SETTINGS):
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, **SETTINGS})
