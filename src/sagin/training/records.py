"""Records of a seed besides its checkpoints: tables of numbers by slot, and TensorBoard events."""

import io
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sagin.errors import StoreError

Row = dict[str, float]


def read_rows(path: Path, last: float = float("inf")) -> list[Row]:
    """Return the rows of a seed's table up to a slot; empty if there is no such table yet.

    Raises:
        StoreError: the table is damaged; the message has one line.
    """
    import polars

    if not path.exists() or not path.stat().st_size:
        return []
    try:
        return polars.read_parquet(path).filter(polars.col("slot") <= last).to_dicts()
    except OSError as error:
        raise StoreError(f"{path}: cannot be read: {error.strerror}") from None
    except (polars.exceptions.PolarsError, polars.exceptions.PanicException):
        raise StoreError(f"{path}: damaged: not a table of a training run") from None


def encode_table(rows: Any) -> bytes:
    """Return a table, or rows of one, as the content of a Parquet file."""
    import polars

    content = io.BytesIO()
    polars.DataFrame(rows).write_parquet(content)
    return content.getvalue()


class EventFile:
    """Scalars for TensorBoard, written to disk at once.

    Scalars of an earlier attempt from slot `first` on are void. tensorboardX's own writer is not
    used: it is a thread, and if the thread dies, as on a full disk, its caller waits for ever.
    """

    def __init__(self, folder: Path, first: int) -> None:
        from tensorboardX.proto.event_pb2 import Event, SessionLog  # type: ignore[attr-defined]
        from tensorboardX.record_writer import RecordWriter

        self._folder = folder
        with self._catch_errors():
            folder.mkdir(parents=True, exist_ok=True)
            self._file = RecordWriter(str(folder / f"events.out.tfevents.{time.time():017.6f}"))
        self._add(Event(wall_time=time.time(), file_version="brain.Event:2"))
        self._add(
            Event(
                wall_time=time.time(), step=first, session_log=SessionLog(status=SessionLog.START)
            )
        )

    def write(self, values: Mapping[str, float], slot: int) -> None:
        """Add numbers by name.

        Raises:
            StoreError: they cannot be written; the message has one line.
        """
        from tensorboardX.proto.event_pb2 import Event  # type: ignore[attr-defined]
        from tensorboardX.proto.summary_pb2 import Summary  # type: ignore[attr-defined]

        numbers = [Summary.Value(tag=name, simple_value=value) for name, value in values.items()]
        self._add(Event(wall_time=time.time(), step=slot, summary=Summary(value=numbers)))

    def __enter__(self) -> "EventFile":
        return self

    def __exit__(self, *_: object) -> None:
        with self._catch_errors():
            self._file.close()

    def _add(self, event: Any) -> None:
        with self._catch_errors():
            self._file.write(event.SerializeToString())
            self._file.flush()

    @contextmanager
    def _catch_errors(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise StoreError(
                f"{self._folder}: its TensorBoard events cannot be written: {error.strerror}"
            ) from None
