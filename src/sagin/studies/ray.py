"""Jobs on a Ray cluster (extra `sagin[ray]`); only the launcher writes into the store."""

import os
import signal
import socket
import sys
import threading
import time
from contextlib import suppress
from typing import Any

from sagin.errors import InputError, StoreError
from sagin.inputs import escape_text
from sagin.machine import list_descendants
from sagin.pool import Completion, Job, Tell, complete_job, is_installed

LOOPBACK = "127.0.0.1"
"""Address of a cluster that is for this machine alone."""
MAX_CHARACTERS = 300
"""Largest number of characters of Ray's message on an ended worker."""


class RayCluster:
    """Jobs of one core each, or of one GPU if the cluster has any.

    A job whose node dies is lost and reported as lost.
    """

    def __init__(self, address: str | None = None, workers: int | None = None):
        if not is_installed("ray"):
            raise InputError(
                "--engine ray: Ray is not installed (allowed after: pip install 'sagin[ray]')"
            )
        self._address, self._workers = address, workers
        self._begun: dict[Any, str] = {}
        self._ray: Any = None

    def _join(self) -> Any:
        """Connect to the cluster, or start one on this machine, and return Ray."""
        address = self._address or os.environ.get("RAY_ADDRESS")
        ray = _load_ray(is_alone=not address)
        before, present = signal.getsignal(signal.SIGTERM), set(list_descendants())
        try:
            _check_address(address)
            own = {} if address else {"include_dashboard": False, "_node_ip_address": LOOPBACK}
            ray.init(address or "local", log_to_driver=False, configure_logging=False, **own)
        except Exception as error:  # Ray's own failures to start are bare ones
            _end_processes(ray, set(list_descendants()) - present)
            reason = escape_text(" ".join(str(error).split()) or type(error).__name__, 200)
            failure = f"--address {address}: no Ray cluster answers"
            if not address:
                failure = "--engine ray: Ray does not start on this machine"
            raise InputError(f"{failure}: {reason}") from None
        if threading.current_thread() is threading.main_thread():
            # Ray's own handler would end this process without a word
            signal.signal(signal.SIGTERM, before)
        gpu = int(ray.cluster_resources().get("GPU", 0) > 0)
        self._kind = "GPU" if gpu else "CPU"
        self._remote = ray.remote(_do_job).options(num_cpus=1, num_gpus=gpu, max_retries=0)
        return ray

    def room(self) -> int:
        """Return how many more jobs the cluster can run at present."""
        if self._ray is None:
            self._ray = self._join()
        slots = int(self._ray.cluster_resources().get(self._kind, 0))
        return max(
            (slots if self._workers is None else min(slots, self._workers)) - len(self._begun), 0
        )

    def begin(self, job: Job, tell: Tell) -> None:  # noqa: ARG002 - part of the interface
        """Send a job to the cluster; its progress is not reported."""
        self._begun[self._remote.remote(job)] = job.name

    def listen(self, seconds: float) -> list[Completion]:
        """Return what has ended."""
        if not self._begun:
            time.sleep(seconds)
            return []
        ready, _ = self._ray.wait(list(self._begun), timeout=seconds)
        return [self._completion(reference, self._begun.pop(reference)) for reference in ready]

    def _completion(self, reference: Any, name: str) -> Completion:
        errors = self._ray.exceptions
        try:
            return self._ray.get(reference)
        except errors.RayTaskError as error:
            return Completion(
                name, error=StoreError(f"worker: {str(error).strip().splitlines()[-1]}")
            )
        except errors.RayError as error:
            return Completion(
                name,
                lost=f"{type(error).__name__}: {' '.join(str(error).split())[:MAX_CHARACTERS]}",
            )

    def stop(self) -> list[Completion]:
        """Cancel what is running, leave the cluster, and return what had finished."""
        if self._ray is None:
            return []
        ended = self.listen(0.0) if self._begun else []
        for reference in self._begun:
            self._ray.cancel(reference, force=True)
        self._begun = {}
        self._ray.shutdown()
        self._ray = None
        return ended


def _load_ray(is_alone: bool) -> Any:
    """Return Ray; a cluster that is alone listens on the loopback address only.

    Ray takes the machine's own address in place of that one, and listens to all others, unless this
    setting of it is off; it is read as Ray is loaded.
    """
    if is_alone and "ray" not in sys.modules:
        os.environ.setdefault("RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER", "0")
        # Ray does so itself, but says so on standard error
        os.environ.setdefault("RAY_AUTH_MODE", "token")
    import ray  # pyright: ignore[reportMissingImports]

    module: Any = ray
    if is_alone:
        # other versions may keep the setting elsewhere
        with suppress(AttributeError):
            module._private.ray_constants.ENABLE_RAY_CLUSTER = False
    return module


def _check_address(address: str | None) -> None:
    """Raise OSError or ValueError at once if no process answers at HOST:PORT.

    Ray itself would try for minutes.
    """
    host, colon, port = (address or "").removeprefix("ray://").rpartition(":")
    if colon:
        socket.create_connection((host.strip("[]"), int(port)), timeout=10).close()


def _end_processes(ray: Any, processes: set[int]) -> None:
    """End the processes that a failed start of Ray has left."""
    with suppress(Exception):
        ray.shutdown()
    for number in processes:
        with suppress(OSError):
            os.kill(number, signal.SIGKILL)


def _do_job(job: Job) -> Completion:
    return complete_job(job, lambda _: None)
