"""A whole comparison: its tasks, its stored results, and its content as plain data."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sagin.cities.answer import (
    CityAnswer,
    find_overloaded,
    list_day_rows,
    list_hour_rows,
    list_sentences,
)
from sagin.cities.bound import describe_bounds, list_bound_points, read_bounds
from sagin.cities.run import list_points
from sagin.cities.target import Target
from sagin.cities.variants import Variant
from sagin.methods import Method
from sagin.slicing.city import find_origin
from sagin.slicing.scenario import Scenario
from sagin.studies.collection import collect
from sagin.studies.figure import Point
from sagin.studies.store import Store


class Comparison(NamedTuple):
    """Definition of a comparison of a city's networks."""

    scenario: Scenario
    variants: tuple[Variant, ...]
    methods: tuple[Method, ...]
    hours: tuple[int, ...]
    drops: int
    seed: int

    def list_points(self, methods: Sequence[Method] = ()) -> list[Point]:
        """List the tasks of all methods or of some."""
        return list_points(
            self.scenario,
            self.variants,
            methods or self.methods,
            self.hours,
            drops=self.drops,
            seed=self.seed,
        )

    def list_bounds(self) -> list[Point]:
        """List the tasks of the bounds of all variants and hours."""
        return list_bound_points(self.scenario, self.variants, self.hours, self.seed)

    def read_answers(self, store: Store) -> list[CityAnswer]:
        """Return the answer of each method from a store with all results."""
        answers = []
        for method in self.methods:
            points = self.list_points([method])
            tables = {
                variant: collect(store, [point])
                for variant, point in zip(self.variants, points, strict=True)
            }
            answers.append(CityAnswer(self.scenario, method.name, self.hours, tables))
        return answers

    def read_hours(self, store: Store, variant: Variant) -> Mapping[str, Any]:
        """Return the stored first drop of each hour of the first method in a variant."""
        point = self.list_points(self.methods[:1])[self.variants.index(variant)]
        result = store.find(point.task)
        return {} if result is None else result.extra["hours"]


def describe(
    comparison: Comparison, answers: Sequence[CityAnswer], target: Target | None
) -> dict[str, Any]:
    """Return the answers as plain data: sentences, one row per variant, one row per hour."""
    scenario = comparison.scenario
    return {
        "place_deg": find_origin(scenario),
        "side_m": float(scenario.area.side_m),
        "start": scenario.location.start.isoformat() if scenario.location else None,
        "hours": list(comparison.hours),
        "drops": comparison.drops,
        "seed": comparison.seed,
        "currency": None if scenario.costs is None else scenario.costs.currency,
        "target": None if target is None else str(target),
        "methods": [
            {
                "method": answer.method,
                "busiest": answer.busiest,
                "overloaded": find_overloaded(answer, answer.busiest),
                "sentences": list_sentences(answer, target),
                "day": list_day_rows(answer),
                "by_hour": list_hour_rows(answer),
            }
            for answer in answers
        ],
    }


def add_bounds(
    content: dict[str, Any], comparison: Comparison, answers: Sequence[CityAnswer], store: Store
) -> None:
    """Add the bounds to the plain data: one row per variant and hour, and a sentence."""
    points = comparison.list_bounds()
    for row, answer in zip(content["methods"], answers, strict=True):
        bounds = read_bounds(answer, store, points, comparison.variants)
        row["bounds"] = [{**bound._asdict(), "gap": bound.gap} for bound in bounds]
        row["sentences"].append(describe_bounds(bounds, answer))
