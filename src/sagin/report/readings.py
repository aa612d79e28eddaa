"""Verdicts under each reading of what a paper leaves open, one choice at a time."""

from typing import TYPE_CHECKING

from sagin.parameters import varied
from sagin.report.tables import TextTable
from sagin.report.verdicts import format_estimate
from sagin.studies.figure import Figure, Point
from sagin.studies.judge import judge
from sagin.studies.record import Table
from sagin.studies.store import Store, collect

if TYPE_CHECKING:
    from sagin.papers.paper import Reading
    from sagin.report.reproduction import Study


def list_reading_points(study: "Study", reading: "Reading", figure: Figure) -> list[Point]:
    """Return the tasks of a figure under a reading."""
    paper, module = study.paper, study.paper.scenario_module()
    if paper.reading_points is not None:
        return paper.reading_points(reading, study.scenario, study.profile)
    scenario = varied(study.scenario, reading.overrides, module.check)
    return paper.points(figure, scenario, study.profile, [])
