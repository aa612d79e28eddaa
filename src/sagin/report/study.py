"""A paper's study: its work, and the file that describes a store's folder."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from sagin.errors import InputError, StoreError
from sagin.files import write_atomically
from sagin.inputs import read_text
from sagin.papers.paper import Paper, describe_profile, find_paper
from sagin.studies.figure import Figure, Point
from sagin.studies.record import SCHEMA, Result
from sagin.studies.store import Store

STUDY_FILE = "study.json"
"""File in a store's folder that describes its content."""


class Study(NamedTuple):
    """Request for a paper's figures."""

    name: str
    """Name of the paper, as on the command line, or package.module:object."""
    paper: Paper
    figures: Sequence[Figure]
    scenario: Any
    profile: Any
    methods: Sequence[str] = ()
    """Further methods, shown with those of the figures."""

    def list_points(self, figure: Figure) -> list[Point]:
        """Return the tasks that a figure needs."""
        return self.paper.points(figure, self.scenario, self.profile, list(self.methods))

    def list_all_points(self) -> list[Point]:
        """Return the tasks of all figures."""
        return [point for figure in self.figures for point in self.list_points(figure)]

    def profile_name(self) -> str:
        """Return the name of the profile; empty if the paper has no such profile."""
        names = [name for name, profile in self.paper.profiles.items() if profile == self.profile]
        return names[0] if names else ""

    def title_of(self, method: str) -> str:
        """Return the title of a method."""
        return self.paper.titles.get(method, method)

    def describe(self) -> dict[str, Any]:
        """Return the description of the study for a store, as plain data."""
        from sagin.parameters import to_mapping

        return {
            "schema": SCHEMA,
            "paper": self.name,
            "scenario": to_mapping(self.scenario),
            "profile": describe_profile(self.profile),
            "figures": [figure.id for figure in self.figures],
            "methods": list(self.methods),
        }


def save_study(folder: Path, content: dict[str, Any]) -> None:
    """Write the result of `Study.describe`; figures and methods add up if everything else is equal.

    Raises:
        StoreError: the folder holds a study of another version; the message has one line.
    """
    path = folder / STUDY_FILE
    earlier = _read_content(path) if path.exists() else {}
    if all(earlier.get(key) == content[key] for key in ("paper", "scenario", "profile")):
        joined = {key: [*earlier[key], *content[key]] for key in ("figures", "methods")}
        content = content | {key: list(dict.fromkeys(names)) for key, names in joined.items()}
    write_atomically(path, json.dumps(content, indent=1).encode())


def read_study(path: Path) -> Study:
    """Return the study that a store describes.

    Raises:
        StoreError: the file is damaged or of another version; the message has one line.
    """
    from sagin.parameters import read

    content = _read_content(path)
    try:
        paper = find_paper(content["paper"])
        module = paper.scenario_module()
        scenario = module.check_scenario(
            read(module.Scenario, content["scenario"], str(path)), str(path)
        )
        figures = [figure for figure in paper.figures if figure.id in content["figures"]]
        profile = paper.restore_profile(content["profile"])
        return Study(content["paper"], paper, figures, scenario, profile, content["methods"])
    except (LookupError, TypeError, InputError) as error:
        raise StoreError(f"{path}: damaged, or of another paper: {error}") from None


def _read_content(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(read_text(path, StoreError))
        version = content.get("schema", 1)
    except (ValueError, AttributeError, RecursionError):
        raise StoreError(f"{path}: damaged: not what `sagin reproduce` writes") from None
    if version != SCHEMA:
        raise StoreError(
            f"{path}: of version {version}, as sagin 0.1.0 wrote it, which is not read "
            "(allowed: `sagin reproduce` again, into another folder)"
        )
    return content


def find_results(store: Store, points: Sequence[Point]) -> list[Result]:
    """Return those of the points' results that are stored."""
    results = [store.find(point.task) for point in points]
    return [result for result in results if result is not None]
