"""Verdicts under each reading of what a paper leaves open, one choice at a time."""

from collections.abc import Sequence
from typing import Any

from sagin.papers.paper import Reading
from sagin.parameters import vary_fields
from sagin.report.study import Study
from sagin.report.tables import TextTable
from sagin.report.verdicts import format_estimate
from sagin.studies.claim import Claim
from sagin.studies.collection import collect
from sagin.studies.figure import Figure, Point
from sagin.studies.judge import judge
from sagin.studies.record import Table
from sagin.studies.store import Store


def list_reading_points(study: Study, reading: Reading) -> list[Point]:
    """Return the tasks of a reading."""
    if study.paper.reading_points is not None:
        return study.paper.reading_points(reading, study.scenario, study.profile)
    varied_study = study._replace(scenario=vary_scenario(study, reading))
    return varied_study.list_all_points()


def vary_scenario(study: Study, reading: Reading) -> Any:
    """Return the study's scenario under a reading."""
    return vary_fields(
        study.scenario, reading.overrides, study.paper.scenario_module().check_scenario
    )


def tabulate_readings(study: Study, store: Store) -> dict[str, TextTable]:
    """Return a table for each figure, by title: a row per reading, a column per claim."""
    tables = {}
    for figure in study.figures:
        claims = [claim for claim in study.paper.claims if claim.figure == figure.id]
        rows = [
            (reading.text, *cells)
            for reading in study.paper.readings
            if any(cells := _judge_reading(study, store, figure, claims, reading))
        ]
        # the default reading alone says no more than the verdicts
        if len(rows) > 1:
            columns = ("reading", *(claim.id for claim in claims))
            tables[f"Claims under each reading: {figure.id}"] = TextTable(columns, rows)
    return tables


def _judge_reading(
    study: Study, store: Store, figure: Figure, claims: Sequence[Claim], reading: Reading
) -> list[str]:
    """Return the verdict and the number of each claim; empty texts where nothing is stored."""
    scenario = vary_scenario(study, reading)
    if study.paper.reading_points is None:
        table = collect(store, study._replace(scenario=scenario).list_points(figure))
    else:
        table = collect(store, list_reading_points(study, reading))
        if figure.overrides or not _lies_on(table, figure):
            return []
    verdicts = {
        verdict.claim: verdict for verdict in judge(claims, table, study.paper.bar(table, scenario))
    }
    return [
        f"{verdicts[claim.id].verdict}: {format_estimate(claim, verdicts[claim.id])}"
        if claim.id in verdicts
        else ""
        for claim in claims
    ]


def _lies_on(table: Table, figure: Figure) -> bool:
    """Return whether a table is of points of a figure."""
    points = {sample.x for sample in table.samples()}
    return points <= set(figure.values)
