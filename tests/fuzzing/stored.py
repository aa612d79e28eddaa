"""Targets for files that sagin itself writes: stored results, entries, scenes and verdicts."""

import json
from pathlib import Path
from typing import Any

from sagin.files import compute_digest
from sagin.leaderboard.entry import Entry, read_entry
from sagin.studies.claim import Verdict, read_verdicts
from sagin.studies.record import Result, make_sample
from sagin.studies.runs import build_table, build_values, list_runs, nest_metrics
from sagin.studies.scene import Scene, ScenePoint, read_scene, write_scene
from sagin.studies.store import encode_result

from fuzzing import oracle
from fuzzing.oracle import require, walk_numbers
from fuzzing.target import Target


def sign_again(path: Path, target: Path, field: str) -> None:
    """Write a file's content with a new checksum, if one can be computed."""
    try:
        content = json.loads(oracle.decode(path.read_bytes()))
        content.pop(field, None)
        text = json.dumps({**content, field: compute_digest(content)})
    except (ValueError, TypeError, AttributeError, RecursionError, OSError, EOFError):
        text = None
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(path.read_bytes() if text is None else text.encode())


def make_stores(folder: Path) -> Target:
    """Return the target of tables and exports of damaged results, which must not stop a command."""
    result = Result([make_sample("ours", "rate", [1.0, 2.5]), make_sample("b", "e", [1], x=3.0)])
    origin = {"sagin": "0", "commit": "abc", "seconds": 1.5, "finished": "2026-11-26T10:00:00"}
    sample = json.dumps(encode_result({"study": "a", "version": "1"}, result, origin), indent=1)

    def read(path: Path) -> Any:
        sign_again(path, folder / "store/records/a.json", "digest")
        (run,) = list_runs(folder / "store")
        table, values = build_table([run]), build_values([run])
        json.dumps(nest_metrics([run]))
        return values if table["state"].item() == "finished" else None

    def check(values: Any, data: bytes) -> None:
        written = walk_numbers(json.loads(oracle.decode(data))["result"])
        require(set(values["value"].to_list()) <= written | {None}, "numbers of no record")

    return Target([sample], read, check)


def make_entries(folder: Path) -> Target:
    """Return the target of the leaderboard's entries."""
    result = Result([make_sample("a", "score", [1.0, 2.5], x=8.0)])
    texts = dict.fromkeys(
        ("track", "method", "text", "authors", "trained", "source", "digest"), "a"
    )
    sample = json.dumps(Entry(seconds=0.1, result=result, **texts).to_plain(), indent=1)

    def read(path: Path) -> Any:
        sign_again(path, folder / "entry.json", "checksum")
        return read_entry(folder / "entry.json")

    def check(entry: Any, data: bytes) -> None:
        raw = json.loads(oracle.decode(data))
        for name in texts:
            require(getattr(entry, name) == raw[name] and isinstance(raw[name], str), name)
        require(entry.seconds == raw["seconds"], "other seconds")

    return Target([sample], read, check)


def make_scenes(folder: Path) -> Target:
    """Return the target of scenes."""
    points = (ScenePoint("user 1", "user"), ScenePoint("BS 1", "BS"))
    places = (((1.0, 2.0, 0.0), (5.0, 6.0, 10.0)), (None, (5.0, 6.0, 10.0)))
    scene = Scene("a", (0.0, 1.5), 100.0, points, places, (((0, 1),), ()), origin_deg=(1.0, 2.0))
    sample = write_scene(scene, folder / "a.scene.json").read_text()

    def check(scene: Any, data: bytes) -> None:
        raw = json.loads(oracle.decode(data))
        require(walk_numbers(vars(scene)) <= walk_numbers(raw) | {0.0}, "numbers of no scene")
        require(len(scene.points) == len(raw["points"]), "other points")

    return Target([sample], read_scene, check)


def make_verdicts() -> Target:
    """Return the target of stored verdicts."""
    verdict = Verdict("a", "holds", "because", 1.0, 0.5, 1.5)
    rows = {"a": {key: value for key, value in vars(verdict).items() if key != "claim"}}
    sample = json.dumps({"schema": 2, "provenance": {}, "verdicts": rows}, indent=1)

    def check(found: Any, data: bytes) -> None:
        raw = json.loads(oracle.decode(data))["verdicts"]
        require(set(found) == set(raw), "other claims")

    return Target([sample], lambda text: read_verdicts(text, "f"), check, is_text=True)


def list_stored(folder: Path) -> dict[str, Target]:
    """List the targets of this file by name."""
    return {
        "foreign records": make_stores(folder),
        "leaderboard entries": make_entries(folder),
        "scenes": make_scenes(folder),
        "verdicts": make_verdicts(),
    }
