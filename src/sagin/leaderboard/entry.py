"""An entry of the leaderboard: method, authors, the numbers of every episode, and a checksum."""

import json
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from sagin.errors import InputNotice, StoreError
from sagin.files import compute_digest, write_atomically
from sagin.inputs import read_text
from sagin.leaderboard.protocol import TrackProtocol
from sagin.studies.record import Result, from_plain, to_plain

FILE = "entry.json"
TOLERANCE = 1e-5
"""Largest allowed relative difference between the numbers of an entry and those of a new run."""


@dataclass(frozen=True)
class Entry:
    """A method's numbers on a track."""

    track: str
    method: str
    text: str
    authors: str
    trained: str
    """Description of the training; empty if the method does not learn."""
    source: str
    """Code or path: sagin, package.module:object, or a folder."""
    digest: str
    """Hash of the code or folder."""
    seconds: float
    """Computing time per slot or drop, including compilation."""
    result: Result
    provenance: dict[str, Any] = field(default_factory=dict)

    def to_plain(self) -> dict[str, Any]:
        """Return the entry as plain data with its checksum."""
        content = {**vars(self), "result": to_plain(self.result)}
        return {**content, "checksum": compute_digest(content)}


def write_entry(folder: Path, entry: Entry) -> Path:
    """Write an entry into its own folder, folder/TRACK/METHOD, and return the file."""
    name = "".join(char if char.isalnum() or char in "-_." else "-" for char in entry.method)
    path = folder / entry.track / name / FILE
    write_atomically(path, (json.dumps(entry.to_plain(), indent=None) + "\n").encode())
    return path


def read_entry(path: Path) -> Entry:
    """Return the entry in a file.

    Raises:
        StoreError: the file cannot be read, has another shape, or does not match its checksum.
    """
    try:
        content = json.loads(read_text(path, StoreError))
        checksum = content.pop("checksum")
        intact = checksum == compute_digest(content)
        result = from_plain(content.pop("result"), str(path))
        entry = Entry(**content, result=result)
        texts = [value for name, value in content.items() if name not in ("seconds", "provenance")]
        intact = intact and all(isinstance(text, str) for text in texts)
        intact = intact and type(entry.seconds) in (int, float)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise StoreError(f"{path}: damaged: not an entry of the leaderboard") from None
    if not intact:
        raise StoreError(f"{path}: damaged: its numbers do not match its checksum")
    return entry


def read_entries(folder: Path, track: TrackProtocol) -> list[Entry]:
    """Return the entries of a track, with the highest mean score first."""
    entries = [read_entry(path) for path in _list_paths(folder, track)]
    return sorted(entries, key=lambda entry: -mean_score(track, entry))


def read_intact_entries(folder: Path, track: TrackProtocol) -> list[Entry]:
    """Return the undamaged entries of a track; an `InputNotice` reports each damaged one."""
    entries: list[Entry] = []
    for path in _list_paths(folder, track):
        try:
            entry = read_entry(path)
            check_complete(track, [entry])
            entries.append(entry)
        except StoreError as error:
            warnings.warn(f"{error}; left out", InputNotice, stacklevel=2)
    return entries


def _list_paths(folder: Path, track: TrackProtocol) -> list[Path]:
    return sorted((folder / track.name).glob(f"*/{FILE}"))


def score_by_repeat(track: TrackProtocol, entry: Entry) -> np.ndarray:
    """Return the score of each episode or drop, averaged over the track's values."""
    name = track.metrics[0][0]
    rows = [s.values[:, 0] for s in entry.result.samples if s.metric == name]
    return np.mean(rows, axis=0)


def mean_score(track: TrackProtocol, entry: Entry) -> float:
    """Return the mean score over all values and repeats."""
    return float(score_by_repeat(track, entry).mean())


def find_difference(entry: Entry, result: Result) -> str:
    """Return the first number of an entry that a new run does not reproduce; empty if none."""
    new = {(s.metric, s.x): s.values for s in result.samples}
    for sample in entry.result.samples:
        values = new.get((sample.metric, sample.x))
        if values is None or values.shape != sample.values.shape:
            return f"{sample.metric} at {sample.x:g}: not the same number of episodes"
        close = np.isclose(values, sample.values, rtol=TOLERANCE, atol=0.0, equal_nan=True)
        if not close.all():
            row = int(np.flatnonzero(~close[:, 0])[0])
            old, repeated = sample.values[row, 0], values[row, 0]
            return (
                f"{sample.metric} at {sample.x:g}, episode {row}: {old:.9g} stored, {repeated:.9g}"
            )
    return ""


def check_complete(track: TrackProtocol, entries: Sequence[Entry]) -> None:
    """Check that all entries of a track have its values and repeats; StoreError otherwise."""
    expected = [(name, float(x)) for x in track.values for name, *_ in track.metrics]
    for entry in entries:
        known = {(s.metric, s.x): len(s.values) for s in entry.result.samples}
        if any(known.get(key) != track.repeats for key in expected):
            raise StoreError(
                f"entry {entry.method!r}: does not match the present track {track.name}"
            )
