"""Commands that are stopped while they run."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path


def stopped(
    how: signal.Signals, begun: Path, wait: float, *arguments: str, program: Path | None = None
) -> tuple[int, str]:
    """Run a command, stop it some seconds after a file appears; return status and errors."""
    # compiled as in the pool, whose processes then find the programs
    environment = os.environ | {"XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false"}
    start = ["-m", "sagin"] if program is None else [str(program)]
    command = [sys.executable, *start, *arguments]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    )
    try:
        deadline = time.monotonic() + 240
        while not begun.exists() and time.monotonic() < deadline and process.poll() is None:
            time.sleep(0.005)
        time.sleep(wait)
        process.send_signal(how)
        errors = process.communicate(timeout=120)[1]
    finally:
        process.kill()
    return process.returncode, errors
