"""The data and functions of a paper for the study machine, and the registry of papers."""

import dataclasses
import importlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, NamedTuple

from sagin.errors import InputError
from sagin.studies.claim import Claim
from sagin.studies.figure import Figure, Point
from sagin.studies.judge import Barred
from sagin.studies.record import Table
from sagin.studies.survey import Survey

GROUP = "sagin.papers"
"""Entry-point group for papers of other packages."""


class Text(NamedTuple):
    """Text of the page about a paper, besides its figures."""

    title: str
    introduction: str
    caption: str
    """Meaning of the bands and panels of the figures."""
    terms: Mapping[str, str]


def bar_nobody(table: Table, scenario: Any) -> Barred:
    """Return an empty table: every method may judge."""
    del table, scenario
    return {}


@dataclass(frozen=True)
class Paper:
    """A paper as data: its figures and claims, and the functions that compute its points."""

    name: str
    """Name on the command line, such as relaying."""
    citation: str
    scenario: str
    """Module with `Scenario`, `SCENARIOS` and `check_scenario`."""
    text: Text
    figures: Sequence[Figure]
    claims: Sequence[Claim]
    profiles: Mapping[str, Any]
    """Amounts of computation, as a dataclass, by the profile's name."""
    describe: Callable[[Any], str]
    """A profile in words."""
    points: Callable[..., list[Point]]
    """points(figure, scenario, profile, methods): the tasks that a figure needs. `methods` are
    further methods, by name, that are shown besides those of the figure.
    """
    make: str
    """Dotted name of the function `make(task, advance, folder) -> Result` of its tasks."""
    titles: Mapping[str, str] = field(default_factory=dict)
    """Names of methods in figures and tables, by name."""
    has_figure: Callable[[Figure, Any], bool] = lambda figure, profile: True  # noqa: ARG005
    """Whether a profile has everything that a figure shows."""
    bar: Callable[[Table, Any], Barred] = bar_nobody
    """bar(table, scenario): methods that may not judge, with point and reason, such as the floor.
    """
    draw: Mapping[str, Callable[..., list[Path]]] = field(default_factory=dict)
    """By a figure's `drawing`: draw(figure, results, scenario, folder) -> paths, from the list of
    its points' results. It writes data alone: NAME.scene.json, of which the report draws the map,
    and tables beside it.
    """
    tables: Callable[..., Mapping[str, Any]] | None = None
    """tables(results, scenario, profile): further tables of the page, by title, from the list of
    all points' results: columns, and rows of text, numbers and `Interval`s.
    """
    survey: Survey | None = None
    """Input of a search over all readings; None if the paper has none."""
    optimum: Callable[[Path, Any, Any], Path] | None = None
    """optimum(folder, scenario, profile): writes the distance from the optimum."""

    def __post_init__(self) -> None:
        """Check that ids are unique and that each claim refers to one of the figures."""
        figures = [figure.id for figure in self.figures]
        claims = [claim.id for claim in self.claims]
        for kind, ids in (("figure", figures), ("claim", claims)):
            doubled = [name for name in ids if ids.count(name) > 1]
            if doubled:
                raise InputError(f"paper {self.name}: {kind} {doubled[0]!r} occurs twice")
        for claim in self.claims:
            if claim.figure not in figures:
                raise InputError(f"claim {claim.id!r}: no figure {claim.figure!r}")

    def scenario_module(self) -> Any:
        """Return the module that holds the paper's scenario."""
        return importlib.import_module(self.scenario)

    def load_scenario(self, name: str = "paper", overrides: Sequence[str] = ()) -> Any:
        """Load and check a scenario, by its built-in name or from a TOML file, with overrides."""
        from sagin.parameters import read_built_in, read_toml

        module, path, changes = self.scenario_module(), Path(name), tuple(overrides)
        if path.suffix or (name not in module.SCENARIOS and path.exists()):
            return module.check_scenario(read_toml(module.Scenario, path, changes), name)
        scenario = read_built_in(module.Scenario, module.SCENARIOS, name, changes)
        return module.check_scenario(scenario, f"scenario {name}")

    def restore_profile(self, content: Mapping[str, Any]) -> Any:
        """Return the profile that plain data describes; JSON's lists become tuples."""
        fields = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in content.items()
        }
        return type(next(iter(self.profiles.values())))(**fields)


def describe_profile(profile: Any) -> dict[str, Any]:
    """Return a profile as plain data."""
    return dataclasses.asdict(profile)


class Registry(Mapping[str, Paper]):
    """Papers by name, each loaded on use: first those of sagin, then those of other packages."""

    def __init__(self, modules: Mapping[str, str]) -> None:
        """Store the location of each paper, as package.module:object."""
        self._places = dict(modules)

    def _all_places(self) -> dict[str, str]:
        foreign = {entry.name: entry.value for entry in entry_points(group=GROUP)}
        return foreign | self._places

    def __getitem__(self, name: str) -> Paper:
        """Return the paper of a name; KeyError if there is none."""
        return load_paper(self._all_places()[name])

    def __iter__(self) -> Iterator[str]:
        """Yield the names."""
        return iter([*self._places, *(set(self._all_places()) - set(self._places))])

    def __len__(self) -> int:
        """Return the number of papers."""
        return len(self._all_places())


REGISTRY = Registry(
    {
        "relaying": "sagin.papers.relaying:PAPER",
        "slicing": "sagin.papers.slicing:PAPER",
    }
)


def load_paper(source: str) -> Paper:
    """Return the paper that package.module:object names.

    Raises:
        InputError: the object does not exist or is no paper; the message has one line.
    """
    module, _, name = source.partition(":")
    try:
        paper = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise InputError(f"paper {source!r}: cannot be loaded: {error}") from None
    if not isinstance(paper, Paper):
        raise InputError(
            f"paper {source!r}: a {type(paper).__name__} (allowed: sagin.papers.Paper)"
        )
    return paper


def find_paper(name: str) -> Paper:
    """Return a paper by its name, or by package.module:object.

    Raises:
        InputError: there is no such paper; the message lists the existing names.
    """
    if ":" in name:
        return load_paper(name)
    if name not in REGISTRY:
        allowed = ", ".join([*REGISTRY, "package.module:PAPER"])
        raise InputError(f"paper {name!r}: unknown; allowed: {allowed}")
    return REGISTRY[name]


def load_scenario(
    name: str = "paper", overrides: Sequence[str] = (), *, system: str = "slicing"
) -> Any:
    """Load and check a scenario of a system, with `section.field=value` overrides.

    Args:
        name: name of a built-in scenario, or of a TOML file.
        overrides: changed fields.
        system: name of the paper of the system, such as relaying, or package.module:object.
    """
    return find_paper(system).load_scenario(name, overrides)
