"""`sagin slice`: one slicing scenario under policies that need no learning, and a map of a slot."""

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from sagin.cli.common import (
    AsJson,
    Overrides,
    Quiet,
    Scenario,
    Seed,
    load,
    make_folder,
    print_json,
    print_table,
    progress,
    report_files,
)

Rule = Literal["priority", "uniform", "none", "all"]
RULES = ("priority", "uniform", "none")


Policy = Annotated[
    str,
    typer.Option(
        "--policy",
        metavar="NAME",
        help="random, round-robin, nearest-random, nearest-greedy, greedy; "
        "or all, to compare them.",
    ),
]
BalancingRule = Annotated[
    Rule | None,
    typer.Option("--rule", help="Load balancing, instead of the scenario's; all compares them."),
]
Slots = Annotated[
    int, typer.Option("--slots", min=1, max=10_000, help="Slots in a row of each run.")
]
Seeds = Annotated[
    int,
    typer.Option(
        "--seeds",
        min=1,
        max=10_000,
        help="Independent runs: other users, channels and arrivals.",
    ),
]
Out = Annotated[
    Path | None,
    typer.Option(
        "--out",
        metavar="DIR",
        help="Also write scenario.toml, result.json, kpis.csv and network.scene.json here.",
    ),
]
Chart = Annotated[
    Path | None,
    typer.Option(
        "--map",
        metavar="FILE",
        help="Also draw the first slot as a map, PNG, SVG or PDF; of one policy and rule.",
    ),
]


def slicing(
    scenario: Scenario = "paper",
    *,
    overrides: Overrides = None,
    policy: Policy = "greedy",
    rule: BalancingRule = None,
    slots: Slots = 100,
    seeds: Seeds = 20,
    seed: Seed = 0,
    out: Out = None,
    chart: Chart = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Run a slicing scenario and show what each slice gets and what each node carries.

    Means over seeds with 95 % intervals.
    """
    from sagin.papers.slicing import reports
    from sagin.papers.slicing.evaluation import Trial, evaluate
    from sagin.slicing.trace import Trace

    base = load("slicing", scenario, tuple(overrides or ()))
    policies, rules = list_policies(policy), list_rules(rule, base)
    if out is not None:
        make_folder(out)
    if chart is not None:
        check_map(chart, len(policies) * len(rules))
    jobs = [
        Trial(set_rule(base, balancing), name, seeds, slots, seed)
        for balancing in rules
        for name in policies
    ]
    traces: list[Trace] = []
    watch = None if out is None and chart is None else traces.append
    rows = []
    with progress("slots", slots * seeds * len(jobs), quiet) as advance:
        for job in jobs:
            samples = evaluate(job, advance, policies, watch)
            rows.append(reports.describe_run(job.scenario, job.policy, samples))
    report = reports.make_report(scenario, jobs[0], rows)
    if out is not None:
        paths = reports.save_report(out, base, report)
        report_files([*paths, save_scene(out, jobs[0], traces[0])])
    if chart is not None:
        report_files([draw(jobs[0], traces[0], chart)])
    if as_json:
        print_json(report)
    else:
        show(report)


def list_policies(policy: str) -> list[str]:
    """Return the policies of a name or all of them; InputError if there is none of that name."""
    from sagin.errors import InputError
    from sagin.policies.table import POLICIES

    if policy not in (*POLICIES, "all"):
        raise InputError(f"--policy {policy!r}: unknown; allowed: {', '.join(POLICIES)}, all")
    return list(POLICIES) if policy == "all" else [policy]


def list_rules(rule: Rule | None, scenario: Any) -> list[str]:
    """Return the balancing rules of an option, by default the scenario's."""
    return list(RULES) if rule == "all" else [rule or scenario.balancing.rule]


def set_rule(scenario: Any, rule: str) -> Any:
    """Return the scenario under a balancing rule."""
    from sagin.parameters import vary_fields
    from sagin.slicing.scenario import check_scenario

    return vary_fields(scenario, (f"balancing.rule={rule}",), check_scenario)


def check_map(path: Path, runs: int) -> None:
    """Raise InputError if a map can't be drawn into this file, or isn't of one run."""
    from sagin.errors import InputError
    from sagin.report.map import check_ending

    check_ending(path)
    make_folder(path.parent, "--map")
    if runs > 1:
        raise InputError(
            f"--map {path}: a map shows one run, not {runs} "
            "(allowed: --policy and --rule other than all)"
        )


def draw(job: Any, trace: Any, path: Path) -> Path:
    """Draw the first slot of a run and return the path."""
    from sagin.papers.slicing.scene import make_scene
    from sagin.report.map import draw_map

    title = describe(job.scenario, job.policy)
    return draw_map(make_scene(job.scenario, trace, title), path)


def describe(scenario: Any, policy: str) -> str:
    """Return the title of a run's map or scene."""
    return f"{policy}, load balancing: {scenario.balancing.rule}"


def save_scene(folder: Path, job: Any, trace: Any) -> Path:
    """Write the first slots of a run as a scene and return the path."""
    from sagin.papers.slicing.scene import make_scene
    from sagin.studies.scene import NETWORK_FILE, write_scene

    scene = make_scene(job.scenario, trace, describe(job.scenario, job.policy))
    return write_scene(scene, folder / NETWORK_FILE)


def show(report: dict[str, Any]) -> None:
    """Print a table for each rule: a row for each KPI, a column for each policy."""
    from sagin.papers.slicing.reports import format_value, list_labels

    for rule in dict.fromkeys(run["rule"] for run in report["runs"]):
        runs = [run for run in report["runs"] if run["rule"] == rule]
        rows = [
            (label, *(format_value(run["kpis"][kpi["name"]]) for run in runs))
            for label, kpi in zip(list_labels(report), report["kpis"], strict=True)
        ]
        amount = f"{report['seeds']} seeds of {report['slots']} slots, seed {report['seed']}"
        title = f"{report['scenario']}, load balancing: {rule}; {amount}"
        head = ("", *(run["policy"] for run in runs))
        print_table(title, head, rows, "means over seeds with 95 % intervals")


def register(app: typer.Typer) -> None:
    """Add the command of this file."""
    app.command("slice")(slicing)
