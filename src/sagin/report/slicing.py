"""The slicing study as files: figures, the map, the tables of claims and of every policy under every rule."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sagin.experiments import learned, learned_claims, learned_study
from sagin.experiments.slicing import FIGURES, PROFILES, Profile
from sagin.experiments.slicing_run import described, labels, rows_by_run
from sagin.experiments.slicing_study import CLAIM_COLUMNS, brief, comparison, fits, judgements, learned_rows, of_loads, panels, tasks, work
from sagin.experiments.store import Store
from sagin.experiments.study import Figure, Series
from sagin.files import write_atomically
from sagin.report.curves import FIGURES as CURVES
from sagin.report.page import Section, saved_runs, table
from sagin.report.plots import Limit, draw
from sagin.report.reproduction import Reproduction
from sagin.report.tables import Table, write_markdown
from sagin.slicing.scenario import Scenario

INTRODUCTION = (
    "Tu et al., Priority-Based Load Balancing With Multiagent DRL for SAGIN Slicing (IEEE Internet of Things Journal 11(19), 2024): "
    "our own implementation. Figures 8 and 9 are of policies that need no learning; "
    "learned methods come with the profiles standard and paper."
)


def compared(report: dict[str, Any]) -> Table:
    """Return a report's runs as a table, one row a run."""
    return Table(("policy, rule", *labels(report)), rows_by_run(report))


def write(store: Store, figures: Sequence[Figure], scenario: Scenario, profile: Profile) -> tuple[list[Path], Section]:
    """Draw the figures and write claims and comparison into the store's folder, from it alone; return the paths and the page's part."""
    folder, paths = store.folder, []
    limit = Limit("capacity of a BS", scenario.base_stations.capacity)
    for figure in figures:
        if of_loads(figure):
            paths += draw(figure, panels(store, figure, scenario, profile), folder, limit)
    trained = learned_rows(store, scenario, profile)
    if trained:
        paths.append(write_markdown(folder / "claims-learned.md", Table(learned_claims.COLUMNS, trained)))
    lines = learned_lines(store, figures, scenario, profile)
    paths += [path for figure, series in lines for path in draw(figure, {"": series}, folder)]
    claims = Table(CLAIM_COLUMNS, [*judgements(store, figures, scenario, profile), *map(brief, trained)])
    if claims.rows:
        paths.append(write_markdown(folder / "claims.md", claims))
    tables = saved_runs(folder / "runs", compared, "slots")
    if runs := comparison(store, scenario, profile):
        rows = compared({"kpis": described(scenario), "runs": runs})
        paths.append(write_markdown(folder / "comparison.md", rows))
        tables = {"Every policy under every rule, means over seeds with 95 % intervals": table(*rows, numbers=True), **tables}
    made = {"slots": profile.slots, "seeds": profile.seeds, "seed": profile.seed, **store.provenance(tasks(figures, scenario, profile))}
    write_atomically(folder / "provenance.json", json.dumps(made, indent=1).encode())
    there = [figure for figure in figures if of_loads(figure) or figure in [one for one, _ in lines]]
    drawn = {figure.name: figure.title for figure in there} | drawings(folder)
    about = "Means over seeds, bands are 95 % intervals. Loads: a panel a policy. Learned methods: seeds of their training."
    return paths, Section("The slicing paper, reproduced", INTRODUCTION, claims, drawn, about, tables, made)


def learned_lines(store: Store, figures: Sequence[Figure], scenario: Scenario, profile: Profile) -> list[tuple[Figure, list[Series]]]:
    """Return the figures of learned methods of which something is stored, with their lines."""
    if not profile.learned:
        return []
    runs = learned_study.found(store, scenario, learned.AMOUNTS[profile.learned])
    found = [(figure, learned_study.lines(figure, runs)) for figure in figures if not of_loads(figure)]
    return [(figure, series) for figure, series in found if series]


DRAWINGS = {"map": "Map of a slot", **{figure.name: figure.title for figure in CURVES}}
"""What `sagin slice --map` and `sagin curves` leave in the sub-folders of saved runs, and what it is."""


def drawings(folder: Path) -> dict[str, str]:
    """Return the drawings that commands left beside the figures or in the sub-folders of saved runs, and their titles."""
    here = {name: title for name, title in DRAWINGS.items() if (folder / f"{name}.svg").exists()}
    found = [(path, title) for name, title in DRAWINGS.items() for path in sorted(folder.glob(f"runs/*/{name}.svg"))]
    return here | {path.with_suffix("").relative_to(folder).as_posix(): f"{title}: {path.parent.name}" for path, title in found}


REPRODUCTION = Reproduction(
    figures=(*learned_study.FIGURES, *FIGURES),
    profiles=PROFILES,
    amount=lambda profile: f"{profile.seeds} seeds of {profile.slots} slots a point",
    work=work,
    tasks=tasks,
    make="sagin.experiments.slicing_study.make",
    write=write,
    fits=fits,
)
