"""What `sagin reproduce` needs of a paper's study, every paper being one of these; and what it
keeps, so that it can be drawn again.
"""

import dataclasses
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sagin.errors import StoreError
from sagin.experiments.store import Store, Task
from sagin.experiments.study import Figure
from sagin.files import write_atomically
from sagin.report.page import Section

KEPT = "study.json"
"""The file in a store's folder that says of which study it is."""


@dataclass(frozen=True)
class Reproduction:
    """A paper's study: what it can run, how, and how the results become files."""

    figures: Sequence[Figure]
    profiles: Mapping[str, Any]
    """How much is run, by the profile's name."""
    amount: Callable[[Any], str]
    """A profile in words."""
    work: Callable[[Task], int]
    """Steps of the progress bar in a task."""
    tasks: Callable[[Sequence[Figure], Any, Any], list[Task]]
    """Of figures, scenario and profile."""
    make: str
    """Dotted name of the function that makes the result of a task, an `engines.Make`."""
    program: Callable[[Task], Any]
    """What the tasks have in common that share compiled programs."""
    write: Callable[[Store, Sequence[Figure], Any, Any], tuple[list[Path], Section]]
    """Writes figures and verdicts into the store's folder, from the store alone, and returns the
    paths and the page's part.
    """
    fits: Callable[[Figure, Any], bool] = lambda *_: True
    """Whether a profile has what a figure needs."""
    choices: Callable[[Any, Any], list[Task]] | None = None
    """Tasks of what the paper leaves open, one choice at a time."""
    optimum: Callable[[Path, Any, Any], Path] | None = None
    """Measures the distance from the optimum."""


def plain(name: str, figures: Sequence[Figure], scenario: Any, profile: Any) -> dict[str, Any]:
    """Return what a store keeps of a study, as plain data."""
    from sagin.parameters import to_mapping

    drawn = [figure.name for figure in figures]
    return {
        "study": name,
        "scenario": to_mapping(scenario),
        "profile": dataclasses.asdict(profile),
        "figures": drawn,
    }


def keep(folder: Path, study: Mapping[str, Any]) -> None:
    """Write what a store keeps of a study; figures add up as long as scenario and profile stay the
    same.
    """
    try:
        before = json.loads((folder / KEPT).read_text(encoding="utf-8"))
        same = all(before[key] == study[key] for key in ("study", "scenario", "profile"))
        figures = [*before["figures"], *study["figures"]] if same else study["figures"]
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        figures = study["figures"]
    write_atomically(
        folder / KEPT,
        json.dumps({**study, "figures": list(dict.fromkeys(figures))}, indent=1).encode(),
    )


def kept(
    path: Path, studies: Mapping[str, Reproduction]
) -> tuple[Reproduction, Sequence[Figure], tuple[str, Any], Any]:
    """Return study, figures, the name of the study with its scenario (as plain data), and profile;
    StoreError if the file is damaged.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        study = studies[found["study"]]
        profile = type(next(iter(study.profiles.values())))(**found["profile"])
        return (
            study,
            [one for one in study.figures if one.name in found["figures"]],
            (found["study"], found["scenario"]),
            profile,
        )
    except OSError as error:
        raise StoreError(f"{path}: can't be read: {error.strerror}") from None
    except (ValueError, LookupError, TypeError, RecursionError):
        raise StoreError(f"{path}: damaged: not what `sagin reproduce` keeps of a study") from None
