"""`sagin plan`: compute a near-optimal plan of a slot, with bounds that no plan can exceed."""

import sys
import time
from pathlib import Path
from typing import Annotated, Any

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
    report_infinite,
)

MOST_WAIT = 86_400.0


Weights = Annotated[
    str,
    typer.Option(
        "--weights",
        metavar="H,L,C",
        help="Weights of the three slices' terms, which are normalised like the rewards.",
    ),
]
MinThroughput = Annotated[
    float | None,
    typer.Option(
        "--min-throughput",
        metavar="MBPS",
        min=0,
        help="Minimum throughput of slice H, Mbit/s.",
    ),
]
MaxDelay = Annotated[
    float | None,
    typer.Option("--max-delay", metavar="MS", min=0, help="Maximum mean delay of slice L, ms."),
]
MinCoverage = Annotated[
    float | None,
    typer.Option(
        "--min-coverage",
        metavar="PERCENT",
        min=0,
        max=100,
        help="Minimum coverage of slice C, %.",
    ),
]
Priority = Annotated[
    bool,
    typer.Option(
        "--respect-priority/--ignore-priority",
        help=(
            "Fill the base stations first, slice H before L before C (or by the balancing rule), "
            "or allow any user at any node."
        ),
    ),
]
TimeLimit = Annotated[
    float,
    typer.Option(
        "--time-limit",
        metavar="S",
        min=0,
        max=MOST_WAIT,
        help="Seconds to search for better plans; 0: one search.",
    ),
]
Users = Annotated[
    int | None,
    typer.Option(
        "--users",
        min=1,
        max=1_000_000,
        help=(
            "Plan for this number of users, divided among the slices as in the scenario. "
            "Thousands of users take the sparse form: mean gains and interference, no "
            "subcarriers, no bound."
        ),
    ),
]
Out = Annotated[
    Path | None,
    typer.Option(
        "--out",
        metavar="DIR",
        help="Also write scenario.toml, plan.json and users.csv into this folder.",
    ),
]
Chart = Annotated[
    Path | None,
    typer.Option("--map", metavar="FILE", help="Also draw the plan as a map in PNG, SVG or PDF."),
]


def plan(
    scenario: Scenario = "paper",
    *,
    overrides: Overrides = None,
    weights: Weights = "1,1,1",
    min_throughput: MinThroughput = None,
    max_delay: MaxDelay = None,
    min_coverage: MinCoverage = None,
    priority: Priority = True,
    time_limit: TimeLimit = 0.0,
    seed: Seed = 0,
    users: Users = None,
    out: Out = None,
    chart: Chart = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Plan a slot: node, subcarrier and power of each user, and the UAVs' positions.

    The gap to the optimum is certified.
    """
    from sagin.planning.sparse import is_dense, widen
    from sagin.report.map import check_ending

    settings = load("slicing", scenario, tuple(overrides or ()))
    settings = settings if users is None else widen(settings, users)
    if out is not None:
        make_folder(out)
    if not is_dense(settings):
        from sagin.cli.plan_sparse import plan_many

        idle = {"--map": chart, "--min-throughput": min_throughput, "--max-delay": max_delay}
        idle |= {"--min-coverage": min_coverage, "--time-limit": time_limit or None}
        idle |= {"--weights": None if weights == "1,1,1" else weights}
        plan_many((scenario, settings, seed), idle, out, priority=priority, as_json=as_json)
        return
    if chart is not None:
        check_ending(chart)
        make_folder(chart.parent, "--map")
    limits = (min_throughput, max_delay, min_coverage)
    aims = (parse_weights(weights), limits, priority)
    content, trace = make_content(settings, aims, time_limit, seed, quiet, chart is not None)
    content = {"scenario": scenario, "seed": seed} | content
    report_infinite(content)
    finish(content, settings, trace, out, chart, as_json=as_json)


def make_content(
    scenario: Any,
    aims: tuple[list[float], tuple[float | None, ...], bool],
    seconds: float,
    seed: int,
    quiet: bool,
    is_drawn: bool,
) -> Any:
    """Return the plan as plain data and, if a map is drawn, the slot that it shows.

    `aims` holds the weights, the demands, and whether the priority is respected.
    """
    from sagin.papers.slicing import slot_plan
    from sagin.slicing.scenario import sizes

    weights, limits, priority = aims
    refuse_nobody(sizes(scenario).K)
    aim = slot_plan.make_goal(scenario, weights, slot_plan.Demands(*limits))
    state = slot_plan.make_slot(scenario, seed)
    with progress("planning", int(seconds) + 2, quiet) as advance:
        plan = search(scenario, state, aim, priority, seconds, advance)
        content = slot_plan.describe_plan(scenario, state, plan, aim, respect_priority=priority)
        return content, slot_plan.trace_plan(scenario, state, plan) if is_drawn else None


def finish(
    content: dict[str, Any],
    scenario: Any,
    trace: Any,
    out: Path | None,
    chart: Path | None,
    *,
    as_json: bool,
) -> None:
    """Write and show a plan."""
    from sagin.papers.slicing.slot_plan import save_plan

    if out is not None:
        report_files(save_plan(out, scenario, content))
    if chart is not None:
        from sagin.papers.slicing.scene import make_scene
        from sagin.report.map import draw_map

        report_files([draw_map(make_scene(scenario, trace, "plan"), chart)])
    if as_json:
        print_json(content)
    else:
        show(content)


def parse_weights(text: str) -> list[float]:
    """Parse three weights; InputError unless all are at least 0 and one of them is above 0."""
    from sagin.errors import InputError
    from sagin.inputs import parse_number, quote

    numbers = [parse_number(part) for part in text.split(",")]
    weights = [number for number in numbers if number is not None and 0 <= number < 1e6]
    if not len(weights) == len(numbers) == 3 or sum(weights) <= 0:
        raise InputError(
            f"--weights {quote(text)}: not three weights "
            "(allowed: H,L,C of 0 to 1e6, not all 0, such as 1,1,1)"
        )
    return weights


def refuse_nobody(users: int) -> None:
    """Raise InputError if the scenario has no users."""
    from sagin.errors import InputError

    if users == 0:
        raise InputError(
            "scenario: field 'users': no users to plan for (allowed: at least 1 in some slice)"
        )


def search(
    scenario: Any, state: Any, aim: Any, priority: bool, seconds: float, advance: Any
) -> Any:
    """Return the best plan within the time limit, or the best plan so far after an interruption.

    Without a time limit an interruption ends the command.
    """
    from sagin.planning.anytime import improve_plan

    best, began, done = None, time.monotonic(), 0
    try:
        for best in improve_plan(scenario, state, aim, seconds=seconds, respect_priority=priority):
            passed = min(int(time.monotonic() - began), int(seconds))
            advance(passed - done, f"worth {float(best.worth):.4f}")
            done = passed
    except KeyboardInterrupt:
        if best is None or not seconds:
            raise
        sys.stderr.write("sagin: interrupted; the best plan so far follows\n")
    return best


def show(content: dict[str, Any]) -> None:
    """Print the terms beside their bounds, the loads, and the missed demands."""
    from sagin.papers.slicing.slot_plan import describe_missed

    rows = [
        (f"{row['label']} ({row['unit']})", f"{row['plan']:.2f}", f"{row['bound']:.2f}", "")
        for row in content["terms"]
    ]
    worth = content["worth"]
    rows.append(
        (
            "weighted sum",
            f"{worth['plan']:.4f}",
            f"{worth['bound']:.4f}",
            f"{100 * worth['gap']:.1f} %",
        )
    )
    rule = "priority respected" if content["respect_priority"] else "priority ignored"
    weights = ", ".join(f"{name} {value:g}" for name, value in content["weights"].items())
    title = f"{content['scenario']}, seed {content['seed']}; {rule}; weights {weights}"
    note = "each bound alone: no plan exceeds it; certified gap: no plan is better by more"
    print_table(title, ("", "plan", "bound", "certified gap"), rows, note)
    places = [f"{x:.0f}, {y:.0f} m" for x, y in content["allocation"]["uav_positions_m"]]
    loads = [
        (name, str(load), places[int(name[4:]) - 1] if name.startswith("UAV") else "")
        for name, load in content["loads"].items()
    ]
    print_table("", ("node", "users", "place"), loads)
    for row in content["missed"]:
        typer.echo(describe_missed(row))


def register(app: typer.Typer) -> None:
    """Add the command `plan`."""
    app.command()(plan)
