"""A comparison of a city's networks as a figure and as a page, from its plain data alone."""

import math
import shutil
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sagin.errors import InputNotice, StoreError
from sagin.inputs import read_json
from sagin.provenance import collect_provenance
from sagin.report.figure_data import Panel
from sagin.report.figures import draw_figure
from sagin.report.page import Section, write_page
from sagin.report.tables import TextTable, make_table
from sagin.studies.figure import Figure, Series
from sagin.studies.scene import find_scenes
from sagin.studies.statistics import Interval

UNSERVED = Figure(
    id="unserved",
    title="Users unserved by hour",
    sweep="hour",
    values=(),
    metrics=("unserved",),
    methods=(),
    x_label="hour of the day",
    y_label="users unserved",
)
GAP = Interval(math.nan, math.nan, math.nan)
"""Value in an hour that was not computed, at which a line breaks."""
CITY, STORED_CITY, RESULT = "city", "city-day", "result.json"
"""Folders of a city's comparisons beside papers', and the file from which a comparison is read."""
PERCENT = 100.0
DAY = {
    "unserved": ("unserved (%)", PERCENT),
    "covered": ("covered (%)", PERCENT),
    "throughput": ("throughput (Mbit/s)", 1e-6),
    "delay": ("delay of L (ms)", 1e3),
}


def write_relief(content: Mapping[str, Any], folder: Path) -> list[Path]:
    """Write the figure of unserved users and the page of a comparison; return the paths."""
    panels = [
        Panel(row["method"] if len(content["methods"]) > 1 else "", list_series(row), [])
        for row in content["methods"]
    ]
    paths = draw_figure(UNSERVED, panels, folder, {})
    return [*paths, write_page(folder, {".": build_section(content, folder)})]


def list_city_sections(out: Path, stored: Path | None) -> dict[str, Section]:
    """Return the page's chapters of a city by folder: a run in OUT/city, and the stored day.

    The files of the stored day are copied, so that the page's folder is complete.
    """
    sections = {}
    if stored is not None and (stored / CITY / RESULT).exists():
        copied = out / STORED_CITY
        copied.mkdir(parents=True, exist_ok=True)
        for source in filter(Path.is_file, (stored / CITY).iterdir()):
            shutil.copyfile(source, copied / source.name)
    for name in (CITY, STORED_CITY):
        path = out / name / RESULT
        if path.exists():
            try:
                section = build_section(read_json(path, StoreError), path.parent)
            except (StoreError, LookupError, TypeError, ValueError, AttributeError) as error:
                problem = error if isinstance(error, StoreError) else f"{path}: damaged"
                warnings.warn(f"{problem}; left out", InputNotice, stacklevel=2)
                continue
            title = f"{section.title} (stored day)" if name == STORED_CITY else section.title
            sections[name] = section._replace(title=title)
    return sections


def list_series(row: Mapping[str, Any]) -> list[Series]:
    """Return unserved users in each variant by hour; NaN in hours that were not computed."""
    by_hour = {hour["hour"]: hour["variants"] for hour in row["by_hour"]}
    hours = range(min(by_hour), max(by_hour) + 1)
    lines = []
    for name in (variant["variant"] for variant in row["day"]):
        y = [_read(by_hour[hour][name]["unserved"]) if hour in by_hour else GAP for hour in hours]
        lines.append(Series(name, tuple(map(float, hours)), tuple(y)))
    return lines


def build_section(content: Mapping[str, Any], folder: Path) -> Section:
    """Return a comparison as the page's section."""
    first, tables = content["methods"][0], {}
    for row in content["methods"]:
        tables[f"Users unserved by hour, {row['method']}"] = tabulate_hours(row)
        tables[f"The day of each network, {row['method']}"] = tabulate_day(row)
        if "bounds" in row:
            tables[f"Scores and bounds, {row['method']}"] = tabulate_bounds(row)
    place = ", ".join(f"{angle:g}°" for angle in content["place_deg"])
    origin = {
        "place": place,
        "side of the area": f"{content['side_m']:g} m",
        "first hour": content["start"],
        "drops": content["drops"],
        "seed": content["seed"],
        **collect_provenance(),
    }
    return Section(
        f"{Path(content['scenario']).stem}: what relieves its cells",
        " ".join(first["sentences"]),
        TextTable((), ()),
        {UNSERVED.id: UNSERVED.title},
        "Means over independent draws of users and channels, with 95 % intervals.",
        tables,
        origin,
        scenes=find_scenes(folder),
    )


def tabulate_hours(row: Mapping[str, Any]) -> TextTable:
    """Return users, overloaded cells and unserved users of each hour."""
    names = [variant["variant"] for variant in row["day"]]
    cells = [
        (
            f"{hour['hour']} h",
            hour["users"],
            f"{len(hour['overloaded'])} of {len(hour['offered'])}",
            *(_read(hour["variants"][name]["unserved"]) for name in names),
        )
        for hour in row["by_hour"]
    ]
    return make_table(("hour", "users", "overloaded cells", *names), cells)


def tabulate_day(row: Mapping[str, Any]) -> TextTable:
    """Return the means over the hours of each network, and its energy."""
    cells = [
        (
            variant["variant"],
            *(_read(variant[name], scale) for name, (_, scale) in DAY.items()),
            variant["energy_kwh"],
            *([variant["cost"]] if "cost" in variant else []),
        )
        for variant in row["day"]
    ]
    heads = [label for label, _ in DAY.values()]
    money = ["cost"] if "cost" in row["day"][0] else []
    return make_table(("network", *heads, "energy (kWh)", *money), cells)


def tabulate_bounds(row: Mapping[str, Any]) -> TextTable:
    """Return the score of each hour's first drop with its certified bound."""
    cells = [
        (f"{bound['hour']} h", bound["variant"], *(bound[key] for key in ("score", "bound", "gap")))
        for bound in row["bounds"]
    ]
    return make_table(("hour", "network", "score", "bound", "gap"), cells)


def _read(value: Mapping[str, float], scale: float = 1.0) -> Interval:
    """Return a stored interval in an axis' unit, cut where no value can lie: at 0, and at 100 %."""
    most = PERCENT if scale == PERCENT else math.inf
    ends = (value[end] for end in ("estimate", "low", "high"))
    # JSON has no NaN: a stored interval of one drop has no ends
    return Interval(*(math.nan if end is None else min(max(scale * end, 0), most) for end in ends))
