"""`sagin slice`: run one slicing scenario under methods of any kind, and draw a map of a slot."""

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from sagin.cli.common import (
    AsJson,
    MethodNames,
    Overrides,
    PolicyName,
    Quiet,
    Scenario,
    Seed,
    find_slicing_methods,
    load,
    make_folder,
    print_json,
    print_table,
    progress,
    report_files,
    report_infinite,
)

RULES = ("priority", "uniform", "none", "uniform-all")
Rule = Literal["priority", "uniform", "none", "uniform-all", "all"]


BalancingRule = Annotated[
    Rule | None,
    typer.Option(
        "--rule", help="Balancing rule that replaces the scenario's; all compares the rules."
    ),
]
Slots = Annotated[
    int, typer.Option("--slots", min=1, max=10_000, help="Number of consecutive slots of each run.")
]
Seeds = Annotated[
    int,
    typer.Option(
        "--seeds",
        min=1,
        max=10_000,
        help="Number of independent runs with different users, channels and arrivals.",
    ),
]
Out = Annotated[
    Path | None,
    typer.Option(
        "--out",
        metavar="DIR",
        help=(
            "Also write scenario.toml, result.json, kpis.csv and network.scene.json into this "
            "folder."
        ),
    ),
]
Chart = Annotated[
    Path | None,
    typer.Option(
        "--map",
        metavar="FILE",
        help=(
            "Also draw the first slot as a map in PNG, SVG or PDF; with one method and one rule "
            "only."
        ),
    ),
]


def slicing(
    scenario: Scenario = "paper",
    *,
    overrides: Overrides = None,
    method: MethodNames = None,
    policy: PolicyName = "",
    rule: BalancingRule = None,
    slots: Slots = 100,
    seeds: Seeds = 20,
    seed: Seed = 0,
    out: Out = None,
    chart: Chart = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Run a slicing scenario and show each slice's results and each node's load.

    The numbers are means over seeds with 95 % intervals. The method is greedy
    unless --method names others. All methods meet the same slots.
    """
    from sagin.papers.slicing import reports
    from sagin.papers.slicing.evaluation import Trial
    from sagin.slicing.trace import Trace

    base = load("slicing", scenario, tuple(overrides or ()))
    methods = find_slicing_methods(method or ([] if policy else ["greedy"]), policy)
    if out is not None:
        make_folder(out)
    tests = [Trial(set_rule(base, one), "", seeds, slots, seed) for one in list_rules(rule, base)]
    if chart is not None:
        check_map(chart, methods, len(tests))
    traces: list[Trace] = []
    watch = None if out is None and chart is None else traces.append
    rows = []
    with progress("slots", slots * seeds * len(tests) * len(methods), quiet) as advance:
        for test in tests:
            rows += reports.compare_methods(test, methods, advance, watch)
    report = reports.make_report(scenario, tests[0], rows)
    report_infinite(report)
    if out is not None:
        report_files(reports.save_report(out, base, report))
        save_scene(out, tests[0], methods, traces)
    if chart is not None:
        report_files([draw(tests[0], methods[0], traces[0], chart)])
    if as_json:
        print_json(report)
    else:
        show(report)


def list_rules(rule: Rule | None, scenario: Any) -> list[str]:
    """Return the balancing rules of an option. Default: the scenario's rule."""
    return list(RULES) if rule == "all" else [rule or scenario.balancing.rule]


def set_rule(scenario: Any, rule: str) -> Any:
    """Return the scenario with another balancing rule."""
    from sagin.parameters import vary_fields
    from sagin.slicing.scenario import check_scenario

    return vary_fields(scenario, (f"balancing.rule={rule}",), check_scenario)


def check_map(path: Path, methods: list[Any], rules: int) -> None:
    """Check that a map can be drawn into this file, and is of one method under one rule.

    Raises:
        InputError: otherwise.
    """
    from sagin.errors import InputError
    from sagin.report.map import check_ending

    check_ending(path)
    make_folder(path.parent, "--map")
    if (runs := len(methods) * rules) > 1:
        raise InputError(
            f"--map {path}: a map shows one run, not {runs} (allowed: one --method and --rule)"
        )


def draw(test: Any, method: Any, trace: Any, path: Path) -> Path:
    """Draw the first slot of a run and return the path."""
    from sagin.papers.slicing.scene import make_scene
    from sagin.report.map import draw_map

    title = describe(test.scenario, method)
    return draw_map(make_scene(test.scenario, trace, title), path)


def describe(scenario: Any, method: Any) -> str:
    """Return the title of a run's map or scene."""
    return f"{method.name}, load balancing: {scenario.balancing.rule}"


def save_scene(folder: Path, test: Any, methods: list[Any], traces: list[Any]) -> None:
    """Write the first slots of the first method's run as a scene and name the file."""
    from sagin.papers.slicing.scene import make_scene
    from sagin.studies.scene import NETWORK_FILE, write_scene

    scene = make_scene(test.scenario, traces[0], describe(test.scenario, methods[0]))
    report_files([write_scene(scene, folder / NETWORK_FILE)])


def show(report: dict[str, Any]) -> None:
    """Print a table per rule, with a row per KPI and a column per method."""
    from sagin.papers.slicing.reports import format_row, list_labels

    for rule in dict.fromkeys(run["rule"] for run in report["runs"]):
        runs = [run for run in report["runs"] if run["rule"] == rule]
        columns = [format_row(report, run) for run in runs]
        rows = list(zip(list_labels(report), *columns, strict=True))
        amount = f"{report['seeds']} seeds of {report['slots']} slots, seed {report['seed']}"
        title = f"{report['scenario']}, load balancing: {rule}; {amount}"
        head = ("", *(run["policy"] for run in runs))
        print_table(title, head, rows, "means over seeds with 95 % intervals")


def register(app: typer.Typer) -> None:
    """Add the command `slice`."""
    app.command("slice")(slicing)
