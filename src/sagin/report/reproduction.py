"""What `sagin reproduce` needs of a paper's study; every paper is one of these."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sagin.experiments.store import Store, Task
from sagin.experiments.study import Figure
from sagin.report.page import Section


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
    run: Callable[[Store, Sequence[Task], Callable[[int], Any]], int]
    """Runs what the store lacks, telling how far it is."""
    write: Callable[[Store, Sequence[Figure], Any, Any], tuple[list[Path], Section]]
    """Writes figures and verdicts into the store's folder, from the store alone, and returns the paths and the page's part."""
    choices: Callable[[Any, Any], list[Task]] | None = None
    """Tasks of what the paper leaves open, one choice at a time."""
    optimum: Callable[[Path, Any, Any], Path] | None = None
    """Measures the distance from the optimum."""
