"""The slicing study as files: figures, the map, the tables of claims and of every policy under
every rule.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from sagin.experiments import (
    learned,
    learned_choices,
    learned_claims,
    learned_movement,
    learned_rewards,
    learned_study,
)
from sagin.experiments.slicing import FIGURES, PROFILES, Profile
from sagin.experiments.slicing_run import Trace, described, labels, rows_by_run
from sagin.experiments.slicing_scene import slicing_scene
from sagin.experiments.slicing_study import (
    CLAIM_COLUMNS,
    brief,
    comparison,
    fits,
    held_against,
    judgements,
    of_loads,
    panels,
    program,
    references,
    summaries,
    tasks,
    work,
)
from sagin.experiments.store import Store
from sagin.experiments.study import Figure
from sagin.experiments.training_curves import claim_rows, reward_panels
from sagin.files import format_csv, write_atomically
from sagin.report import curves
from sagin.report.canvas import ENDINGS
from sagin.report.map import draw_map, write_places
from sagin.report.old_reproduction import Reproduction
from sagin.report.old_tables import Table, write_markdown
from sagin.report.page import Section
from sagin.report.plots import Limit, draw
from sagin.report.runs import tabulate_runs
from sagin.report.tables import TextTable
from sagin.slicing.scenario import Scenario
from sagin.studies.scene import SUFFIX, find_scenes, write_scene

INTRODUCTION = (
    "Tu et al., Priority-Based Load Balancing With Multiagent DRL for SAGIN Slicing (IEEE Internet of Things Journal 11(19), 2024): "
    "our own implementation. Figures 3 to 7 and 10 to 12 are of learned methods, beside a planner, policies that need no learning "
    "and, in the longer profiles, a proven bound; figures 8 and 9 are of each policy, the learned one last. "
    "In the claims on learned methods 'ours' is how much more of the metric the first method "
    "has than the second, in percent of the second's mean (of a delay, less is better), with a bootstrap interval over seeds; P(better) "
    "is the chance that a seed of the first beats one of the second at the same number of users, p of a permutation test over seeds, "
    "corrected by Holm's method."
)

TERMS = {
    "H, L, C": "the slices of high throughput, low delay and wide coverage",
    "K_s": "users of each slice",
    "BS, UAV, LEO": "base station, unmanned aerial vehicle, low-orbit satellite; the latter two are the non-terrestrial layer (NTL)",
    "balancing": "whom a base station with more users than its capacity C_th disconnects: the lowest slice first (priority, the "
    "paper's), anyone alike (uniform), nobody (none)",
    "two-layer MADDPG": "the paper's proposal: agents of the base stations act first, those of UAVs and satellites on whom these leave",
    "MADDPG, MAPPO": "learners in one layer: all agents act at once, and a user may be claimed twice; then a base station "
    "serves, or, under 'drop', nobody",
    "fixed UAVs": "two-layer MADDPG with UAVs that stay at given places",
    "planner": "a search that sees users and channels of the slot, learns nothing and keeps the priority",
    "bound": "what no method can pass in a slice, whatever becomes of the others; proven for each slot",
    "greedy": "each user takes the node of best signal-to-interference-and-noise ratio, UAVs fly to the centres of those left over",
    "random": "every number of the actions drawn alike",
    "holds in part": "of several comparisons that a claim makes some hold, or a claimed size is missed",
    "undecided": "this number of seeds can't tell",
}


def compared(report: dict[str, Any]) -> Table:
    """Return a report's runs as a table, one row a run."""
    return Table(("policy, rule", *labels(report)), rows_by_run(report))


def write(
    store: Store, figures: Sequence[Figure], scenario: Scenario, profile: Profile
) -> tuple[list[Path], Section]:
    """Draw the figures and write claims and comparison into the store's folder, from it alone;
    return the paths and the page's part.
    """
    folder, there = store.folder, {}
    limit = Limit("capacity of a BS", scenario.base_stations.capacity)
    for figure in figures:
        if of_loads(figure):
            there[figure.name] = draw(
                figure, panels(store, figure, scenario, profile), folder, limit
            )
    shown = (
        learned_part(store, figures, scenario, profile)
        if profile.learned
        else Learned({}, [], [], {})
    )
    there |= shown.drawn
    paths = [path for some in there.values() for path in some]
    if shown.rows:
        paths.append(
            write_markdown(folder / "claims-learned.md", Table(learned_claims.COLUMNS, shown.rows))
        )
        paths.append(write_seeds(shown.numbers, folder / "seeds-learned.csv"))
    loads = judgements(store, figures, scenario, profile)
    claims = Table(CLAIM_COLUMNS, [*shown.rewards, *loads, *map(brief, shown.rows)])
    for name, table_of in (("claims-loads", Table(CLAIM_COLUMNS, loads)), ("claims", claims)):
        if table_of.rows:
            paths.append(write_markdown(folder / f"{name}.md", table_of))
    tables = {}
    for name, heading, rows, _ in tabled(store, scenario, profile, bool(shown.rows)):
        paths.append(write_markdown(folder / f"{name}.md", rows))
        tables[heading] = TextTable(*rows)
    tables |= tabulate_runs(folder)
    made = {
        **(
            {"loads": f"{profile.seeds} seeds of {profile.slots} slots"}
            if any(map(of_loads, figures))
            else {}
        ),
        **trained(figures, profile),
        "seed": profile.seed,
        **store.provenance(tasks(figures, scenario, profile)),
    }
    write_atomically(folder / "provenance.json", json.dumps(made, indent=1).encode())
    drawn = {figure.name: figure.title for figure in figures if figure.name in there} | drawings(
        folder
    )
    about = "Means over seeds, bands are 95 % intervals, the widest cut by the axis. Loads: a panel a policy. Learned: seeds of training."
    return paths, Section(
        "The slicing paper, reproduced",
        INTRODUCTION,
        claims,
        drawn,
        about,
        tables,
        made,
        find_scenes(folder),
        terms=TERMS,
    )


def tabled(
    store: Store, scenario: Scenario, profile: Profile, of_learned: bool
) -> list[tuple[str, str, Table, bool]]:
    """Return the tables of which a store has anything: the file's name, the heading, the table, and
    whether it is of numbers.
    """
    over_users = summaries(store, scenario, learned.AMOUNTS[profile.learned]) if of_learned else []
    policies = compared({"kpis": described(scenario), "runs": comparison(store, scenario, profile)})
    heading = "Every policy under every rule, means over seeds with 95 % intervals"
    choices = Table(learned_choices.COLUMNS, learned_choices.rows(store, scenario, profile))
    found = [
        ("choices", "The claims under each open choice", choices, False),
        (
            "summary-learned",
            "Each method over all numbers of users",
            Table(learned_study.SUMMARY, over_users),
            True,
        ),
        ("comparison", heading, policies, True),
    ]
    return [one for one in found if one[2].rows]


def trained(figures: Sequence[Figure], profile: Profile) -> dict[str, str]:
    """Return how much is trained for the figures, in words."""
    if not profile.learned:
        return {}
    amount = learned.AMOUNTS[profile.learned]
    (slots, seeds) = amount.curves
    words = f"{amount.seeds} seeds of {amount.iterations} iterations, tested on {amount.runs} runs of {amount.slots} slots"
    told = (
        {"learned methods": words}
        if any(figure.name in learned_study.METHODS_OF for figure in figures)
        else {}
    )
    rewards = (
        {"figure 3": f"{seeds} seed{'s' * (seeds > 1)} of {slots} iterations"}
        if learned_rewards.FIGURE in figures
        else {}
    )
    return told | rewards


def write_seeds(found: learned_claims.Found, path: Path) -> Path:
    """Write the numbers that the claims on learned methods are judged by as CSV, one a row, in SI
    units, and return the path.
    """
    table: list[list[object]] = [["method", "metric", "users of each slice", "seed", "value"]]
    for method, metrics in found.items():
        for metric, by_size in metrics.items():
            for size, values in by_size.items():
                table.extend(
                    [method, metric, size, seed, f"{value:.7g}"]
                    for seed, value in enumerate(values)
                )
    write_atomically(path, format_csv(table).encode())
    return path


class Learned(NamedTuple):
    """What a store has of learning."""

    drawn: dict[str, list[Path]]
    """By figure, its files."""
    rows: list[tuple[str, ...]]
    """Verdicts on what was learned, in the order of `learned_claims.COLUMNS`."""
    rewards: list[tuple[str, ...]]
    """Verdicts on figure 3, in the order of CLAIM_COLUMNS."""
    numbers: learned_claims.Found
    """What the verdicts on what was learned are judged by."""


def learned_part(
    store: Store, figures: Sequence[Figure], scenario: Scenario, profile: Profile
) -> Learned:
    """Draw the figures of learned methods of which something is stored, and judge the claims on
    them.
    """
    amount, folder, drawn, rewards = learned.AMOUNTS[profile.learned], store.folder, {}, []
    runs = learned_study.found(store, scenario, amount)
    for figure in figures:
        if figure.name in learned_study.LINES and (series := learned_study.lines(figure, runs)):
            beside = references(store, figure, scenario, amount) if held_against(figure) else []
            drawn[figure.name] = draw(figure, {"": [*series, *beside]}, folder)
        elif figure.name == learned_rewards.FIGURE.name and (
            found := learned_rewards.curves(store, scenario, amount)
        ):
            drawn[figure.name] = curves.draw(figure, reward_panels(found), folder, columns=3)
            rewards = [(claim, found.algorithm, *rest) for claim, *rest in claim_rows(found)]
        elif figure.name == learned_study.MAP.name and (
            told := learned_study.best(runs.get(learned.PROPOSED, []))
        ):
            drawn[figure.name] = draw_places(
                figure, scenario, learned_movement.trace_of(told["trace"]), folder
            )
    numbers = learned_study.by_metric(runs)
    return Learned(drawn, learned_claims.judgements(numbers), rewards, numbers)


def draw_places(figure: Figure, scenario: Scenario, trace: Trace, folder: Path) -> list[Path]:
    """Draw the first slot of a trace as a map, keep all of it as a scene, and return the paths."""
    scenario = learned.sized(scenario, trace.users.shape[1] // 3)
    title = f"{learned.PROPOSED}, best seed of those stored"
    network = slicing_scene(scenario, trace, title, fixed=True)
    maps = [draw_map(network, folder / f"{figure.name}.{ending}") for ending in ENDINGS]
    places = write_places(network, folder / f"{figure.name}.csv")
    return [*maps, places, write_scene(network, folder / f"{figure.name}{SUFFIX}")]


DRAWINGS = {"map": "Map of a slot", **{figure.name: figure.title for figure in curves.FIGURES}}
"""What `sagin slice --map` and `sagin curves` leave in the sub-folders of saved runs, and what it
is.
"""


def drawings(folder: Path) -> dict[str, str]:
    """Return the drawings that commands left beside the figures or in the sub-folders of saved
    runs, and their titles.
    """
    here = {name: title for name, title in DRAWINGS.items() if (folder / f"{name}.svg").exists()}
    found = [
        (path, title)
        for name, title in DRAWINGS.items()
        for path in sorted(folder.glob(f"runs/*/{name}.svg"))
    ]
    return here | {
        path.with_suffix("").relative_to(folder).as_posix(): f"{title}: {path.parent.name}"
        for path, title in found
    }


def number(figure: Figure) -> int:
    """Return a figure's number in the paper."""
    return int(figure.name.split("-")[1])


REPRODUCTION = Reproduction(
    figures=tuple(
        sorted(
            (learned_rewards.FIGURE, learned_study.MAP, *learned_study.FIGURES, *FIGURES),
            key=number,
        )
    ),
    profiles=PROFILES,
    amount=lambda profile: f"{profile.seeds} seeds of {profile.slots} slots a point",
    work=work,
    tasks=tasks,
    make="sagin.experiments.slicing_study.make",
    program=program,
    write=write,
    fits=fits,
    choices=learned_choices.tasks,
)
