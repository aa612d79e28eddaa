"""A paper's study as files and as the page's section, from a store alone."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sagin.errors import StoreError
from sagin.files import format_csv, write_atomically
from sagin.inputs import read_json
from sagin.papers.paper import Paper, find_paper
from sagin.parameters import to_mapping
from sagin.report.canvas import ENDINGS
from sagin.report.figure_data import write_csv
from sagin.report.figures import draw_figure
from sagin.report.looks import Look, assign_looks
from sagin.report.map import draw_map, write_places
from sagin.report.page import Section
from sagin.report.panels import list_methods, list_panels
from sagin.report.readings_tables import tabulate_search
from sagin.report.runs import find_drawings, tabulate_runs
from sagin.report.stored_figures import (
    check_figures,
    copy_stored_figures,
    describe_origin,
    list_labels,
    list_stored_names,
)
from sagin.report.study import Study, find_results
from sagin.report.tables import TextTable, make_table, write_markdown
from sagin.report.verdicts import (
    STORED_FOLDER,
    STORED_NOTE,
    find_stored_verdicts,
    tabulate_verdicts,
)
from sagin.studies.claim import Verdict, read_verdicts, write_verdicts
from sagin.studies.collection import collect, provenance
from sagin.studies.definitions import tabulate_definitions
from sagin.studies.figure import Figure
from sagin.studies.judge import judge
from sagin.studies.record import Table
from sagin.studies.scene import NETWORK_FILE, SUFFIX, Scene, find_scenes, read_scene
from sagin.studies.store import Store

SHORT_PROFILE = "quick"
"""Profile whose verdicts are shown beside stored ones."""
READINGS_TITLE = "Every claim by default and over all readings (stored)"
DEFINITIONS_TITLE = "What a printed gain may mean"


def write_study(
    study: Study, store: Store, stored: Path | None = None
) -> tuple[list[Path], Section]:
    """Draw a study's figures and write its tables into the store's folder.

    The function returns the paths and the page's section. It reads only the store, and the folder
    `stored` of the paper's stored figures: they replace figures for which the store has no results,
    and a quick run, of which only the data are written, is compared with them.
    """
    folder, paper = store.folder, study.paper
    short = study.profile_name() == SHORT_PROFILE and _is_default(study)
    stored_names = list_stored_names(stored) if stored is not None and short else set()
    tables = {figure.id: collect(store, study.list_points(figure)) for figure in study.figures}
    paths, titles = [], {}
    looks = find_looks(study, tables)
    for figure in study.figures:
        drawn = _draw(
            study, store, figure, tables[figure.id], looks, is_shown=figure.id in stored_names
        )
        titles |= {figure.id: figure.title} if drawn else {}
        paths += drawn
    origin = _describe_provenance(study, store)
    verdicts = judge_figures(study, tables)
    claims, note = _tabulate_claims(study, verdicts)
    further = _list_tables(study, store, verdicts)
    if verdicts:
        paths.append(write_verdicts(folder / "verdicts.json", verdicts, origin))
        paths.append(write_markdown(folder / "claims.md", claims))
        paths.append(_write_numbers(study, tables, folder / "numbers.csv"))
    paths += [
        write_markdown(folder / f"{_make_file_name(title)}.md", table)
        for title, table in further.items()
    ]
    write_atomically(folder / "provenance.json", json.dumps(origin, indent=1).encode())
    section = Section(
        paper.text.title,
        paper.text.introduction,
        claims,
        titles | find_drawings(folder, {figure.id: figure.title for figure in paper.figures}),
        paper.text.caption,
        further | tabulate_runs(folder),
        origin,
        scenes=find_scenes(folder),
        note=note,
        terms=paper.text.terms,
        looks=looks,
    )
    if stored is not None and stored.is_dir():
        section = _add_stored(paper, section, folder, stored, short)
    return paths, section


def build_stored_section(name: str, folder: Path, stored: Path) -> Section:
    """Return a paper's section of stored results alone, copied into a folder.

    `stored` is the paper's folder of stored results.
    """
    paper = find_paper(name)
    section = Section(
        paper.text.title,
        paper.text.introduction,
        TextTable((), ()),
        {},
        paper.text.caption,
        {},
        {},
        terms=paper.text.terms,
    )
    return _add_stored(paper, section, folder, stored, short=True)


def _add_stored(paper: Paper, section: Section, folder: Path, stored: Path, short: bool) -> Section:
    """Return a section with stored figures in place of missing ones.

    `short` sets whether stored figures and verdicts also replace the section's own, which then only
    check them.
    """
    lacking = [figure for figure in paper.figures if short or figure.id not in section.figures]
    titles = copy_stored_figures(lacking, stored, folder)
    replaced = {Path(name).name for name in titles}
    remaining = {name: title for name, title in section.figures.items() if name not in replaced}
    section = section._replace(
        figures=titles | remaining,
        checks=check_figures(folder, titles),
        looks=dict(section.looks) | assign_looks(list_labels(folder, titles)),
        moving=_read_moving(stored / NETWORK_FILE),
    )
    if not short:
        return section
    return _show_stored_verdicts(paper, _add_readings(section, stored), stored)


def _read_moving(path: Path) -> dict[str, Scene]:
    """Return the stored network of a paper over time, by its title."""
    scene = read_scene(path) if path.is_file() else None
    return {} if scene is None else {scene.title: scene}


def _add_readings(section: Section, stored: Path) -> Section:
    """Return a section with the stored verdicts over all readings of what the paper leaves open."""
    path = stored / "readings" / "readings.json"
    if not path.is_file():
        return section
    tables = tabulate_search(read_json(path, StoreError))
    return section._replace(tables=dict(section.tables) | {READINGS_TITLE: tables["verdicts"]})


def _show_stored_verdicts(paper: Paper, section: Section, stored: Path) -> Section:
    """Return a section with the package's verdicts, and the short run's numbers beside them."""
    path = STORED_FOLDER / f"{paper.name}.json"
    if not path.is_file():
        return section
    verdicts = read_verdicts(path.read_text(encoding="utf-8"), path.name)
    table = tabulate_verdicts(paper.claims, list(verdicts.values()), paper.figures)
    estimates = {row["claim"]: row.get("ours", "") for row in section.claims.to_plain()}
    if estimates:
        rows = [(*row, estimates.get(row[0], "")) for row in table.rows]
        table = TextTable((*table.columns, "on this machine, quick"), rows)
    return section._replace(claims=table, note="", origin=describe_origin(stored))


def judge_figures(study: Study, tables: dict[str, Table]) -> list[Verdict]:
    """Return the verdicts on the claims on each figure with stored results."""
    verdicts = []
    for figure, table in tables.items():
        claims = [claim for claim in study.paper.claims if claim.figure == figure]
        if claims and table.methods:
            verdicts += judge(claims, table, study.paper.bar(table, study.scenario))
    return verdicts


def find_looks(study: Study, tables: dict[str, Table]) -> dict[str, Look]:
    """Return the look of each line by label; a method has the same look in all figures."""
    groups = []
    for figure in study.paper.figures:
        labels = dict(figure.labels)
        if figure.panels == "method":
            groups.append([labels.get(metric, metric) for metric in figure.metrics])
        else:
            methods = list_methods(figure, tables.get(figure.id, Table([])), study.paper.titles)
            groups.append([study.title_of(method) for method in methods])
    return assign_looks(groups)


def _draw(
    study: Study,
    store: Store,
    figure: Figure,
    table: Table,
    looks: dict[str, Look],
    *,
    is_shown: bool,
) -> list[Path]:
    """Draw a figure, as curves or as its paper's drawing; nothing if nothing is stored.

    is_shown: whether the stored figure is shown in its place, so that its data are enough.
    """
    folder, paper = store.folder, study.paper
    if not figure.drawing:
        methods = list_methods(figure, table, paper.titles)
        panels = list_panels(figure, table, paper.titles, methods, study.scenario)
        if is_shown and panels:
            return [write_csv(figure, panels, folder / f"{figure.id}.csv")]
        return draw_figure(figure, panels, folder, looks) if panels else []
    results = find_results(store, study.list_points(figure))
    if not results:
        return []
    paths = paper.draw[figure.drawing](figure, results, study.scenario, folder)
    scenes = [path for path in paths if path.name.endswith(SUFFIX)]
    maps = [
        draw_map(read_scene(path), folder / f"{path.name.removesuffix(SUFFIX)}.{ending}")
        for path in scenes
        for ending in ENDINGS
    ]
    places = [write_places(read_scene(path), folder / f"{figure.id}.csv") for path in scenes[:1]]
    return [*paths, *maps, *places]


def _tabulate_claims(study: Study, verdicts: Sequence[Verdict]) -> tuple[TextTable, str]:
    """Return the verdicts as a table, a short run's beside stored ones, and a remark."""
    paper, stored = study.paper, {}
    if study.profile_name() == SHORT_PROFILE and _is_default(study):
        stored = find_stored_verdicts(paper.name)
    note = STORED_NOTE.format(profile=SHORT_PROFILE) if stored else ""
    return tabulate_verdicts(paper.claims, verdicts, paper.figures, stored), note


def _is_default(study: Study) -> bool:
    """Return whether the scenario is the paper's own."""
    return to_mapping(study.scenario) == to_mapping(study.paper.load_scenario())


def _list_tables(study: Study, store: Store, verdicts: Sequence[Verdict]) -> dict[str, TextTable]:
    """Return the tables of gain definitions and of the paper, by title, as far as stored."""
    by_claim = {verdict.claim: verdict for verdict in verdicts}
    definitions = TextTable(*tabulate_definitions(study.paper.claims, by_claim))
    tables = {DEFINITIONS_TITLE: definitions}
    if study.paper.tables is not None:
        results = find_results(store, study.list_all_points())
        content = study.paper.tables(results, study.scenario, study.profile) if results else {}
        tables |= {title: make_table(*parts) for title, parts in content.items()}
    return {title: table for title, table in tables.items() if table.rows}


def _make_file_name(title: str) -> str:
    """Return a title as a file's name.

    >>> _make_file_name("What acts at K_s = 10")
    'what-acts-at-k-s-10'
    """
    words = "".join(sign if sign.isalnum() else " " for sign in title.lower()).split()
    return "-".join(words)


def _write_numbers(study: Study, tables: dict[str, Table], path: Path) -> Path:
    """Write the numbers of figures and verdicts as CSV, means over tests in SI units."""
    rows: list[list[object]] = [["figure", "method", "metric", "x", "seed", "value"]]
    for figure, table in tables.items():
        claims = [claim for claim in study.paper.claims if claim.figure == figure]
        metrics = {"score", *(m for one in study.figures if one.id == figure for m in one.metrics)}
        for claim in claims:
            metrics |= {claim.metric, claim.rival_metric, claim.needs, claim.acts}
        for sample in (one for one in table.samples() if one.metric in metrics):
            for seed, values in enumerate(sample.values, sample.seed):
                x = "" if sample.x is None else f"{sample.x:.10g}"
                rows.append([figure, sample.method, sample.metric, x, seed, f"{values.mean():.7g}"])
    write_atomically(path, format_csv(rows).encode())
    return path


def _describe_provenance(study: Study, store: Store) -> dict[str, Any]:
    tasks = [point.task for point in study.list_all_points()]
    return {
        "profile": study.profile_name(),
        "amount": study.paper.describe(study.profile),
        **provenance(store, tasks),
    }
