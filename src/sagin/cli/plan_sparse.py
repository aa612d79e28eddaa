"""`sagin plan` for thousands of users, in the sparse form."""

import json
import time
from pathlib import Path
from typing import Any

import typer

from sagin.cli.common import print_json, print_table, report_files, report_infinite

MOST_LOADS = 40
"""Number of nodes whose loads are printed."""


def plan_many(
    request: tuple[str, Any, int],
    idle: dict[str, Any],
    out: Path | None,
    *,
    priority: bool,
    as_json: bool,
) -> None:
    """Plan a slot of many users, write the plan and show it.

    Args:
        request: the scenario's name, the scenario, and the seed.
        idle: options that this form does not support; None for an option that is absent.
        out: folder of plan.json and users.csv.
        priority: whether the slices have priorities.
        as_json: whether to print JSON instead of tables.

    Raises:
        InputError: an unsupported option is present; the message has one line.
    """
    from sagin.errors import InputError
    from sagin.planning.sparse import plan_sparse
    from sagin.slicing.scenario import sizes

    name, scenario, seed = request
    for option, value in idle.items():
        if value is not None:
            users = sizes(scenario).K
            raise InputError(
                f"{option} {value}: not possible with {users} users (allowed: fewer users)"
            )
    began = time.perf_counter()
    plan = plan_sparse(scenario, seed, respect_priority=priority)
    seconds = time.perf_counter() - began
    content = {"scenario": name, "seed": seed} | describe(scenario, plan, priority, seconds)
    report_infinite(content)
    if out is not None:
        report_files(save(out, content, plan, scenario))
    if as_json:
        print_json(content)
    else:
        show(content)


def describe(scenario: Any, plan: Any, priority: bool, seconds: float) -> dict[str, Any]:
    """Return a sparse plan as plain data."""
    from sagin.methods.indicators import list_nodes

    throughput, delay, covered = plan.terms.tolist()
    served = plan.node >= 0
    return {
        "form": "sparse: mean gains and interference, without fading; no bound",
        "respect_priority": priority,
        "users": len(served),
        "served": int(served.sum()),
        "terms": {
            "throughput of H (Mbit/s)": throughput * 1e-6,
            "delay of L, mean (ms)": delay * 1e3,
            "coverage of C (%)": covered * 100.0,
            "throughput of all (Mbit/s)": float(plan.rate.sum()) * 1e-6,
        },
        "loads": dict(zip(list_nodes(scenario), plan.load.tolist(), strict=True)),
        "uav_positions_m": plan.uav_positions_m.round(1).tolist(),
        "seconds": round(seconds, 2),
    }


def save(folder: Path, content: dict[str, Any], plan: Any, scenario: Any) -> list[Path]:
    """Write plan.json and users.csv (one row per user), and return their paths."""
    from sagin.files import format_csv, write_atomically
    from sagin.methods.indicators import list_nodes
    from sagin.slicing.scenario import SLICES

    names = [*list_nodes(scenario), ""]
    columns = (plan.users_m.round(1).tolist(), plan.slices, plan.node, plan.rate)
    rows = [
        [*place, SLICES[kind], names[node], f"{rate:.6g}"]
        for place, kind, node, rate in zip(*columns, strict=True)
    ]
    head = ["x_m", "y_m", "slice", "node", "rate_bit_s"]
    files = {
        "plan.json": json.dumps(content, indent=1),
        "users.csv": format_csv([head, *rows]),
    }
    for name, text in files.items():
        write_atomically(folder / name, text.encode())
    return [folder / name for name in files]


def show(content: dict[str, Any]) -> None:
    """Print the terms, the numbers of served users, and the loads of nodes."""
    rows = [(name, f"{value:.2f}") for name, value in content["terms"].items()]
    rows.append(("users served", f"{content['served']} of {content['users']}"))
    rule = "priority respected" if content["respect_priority"] else "priority ignored"
    title = f"{content['scenario']}, seed {content['seed']}; {rule}"
    print_table(title, ("", "plan"), rows, f"{content['form']}; {content['seconds']} s")
    loads = list(content["loads"].items())
    most = loads if len(loads) <= MOST_LOADS else loads[:MOST_LOADS]
    note = "" if len(most) == len(loads) else f"the first {MOST_LOADS} of {len(loads)} nodes"
    print_table("", ("node", "users"), [(name, str(load)) for name, load in most], note)
    typer.echo(f"UAVs: {len(content['uav_positions_m'])} over the users whom no cell serves.")
