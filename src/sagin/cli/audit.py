"""`sagin audit`: measure how well a training's critics predict rewards and their changes."""

from typing import Annotated, Any

import typer

from sagin.cli.common import AsJson, print_json, print_table
from sagin.cli.train import Run

COLUMNS = ("agent", "R²", "cosine, node", "cosine, subcarrier", "switches", "seeds")


def audit(
    run: Run,
    *,
    slots: Annotated[
        int, typer.Option("--slots", min=100, max=10**7, help="Number of fresh slots for R².")
    ] = 10_000,
    switched: Annotated[
        int,
        typer.Option(
            "--switched",
            min=1,
            max=10**5,
            help=(
                "Number of slots in which the node and subcarrier of every user are switched, "
                "one at a time."
            ),
        ),
    ] = 64,
    as_json: AsJson = False,
) -> None:
    """Audit the critics of a MADDPG training on fresh slots, with the noise of its training.

    R² compares a critic's prediction with its target. The cosine compares the
    change of the reward that the critic's gradient predicts for a switch with
    the true change. All numbers are means over seeds.
    """
    from sagin.training.audit import audit_seeds

    rows = average_audits(audit_seeds(run, slots=slots, switched=switched))
    if as_json:
        print_json([dict(zip(COLUMNS, row, strict=True)) for row in rows])
    else:
        title = f"critics of {run} on {slots} fresh slots"
        print_table(title, COLUMNS, [tuple(map(format_number, row)) for row in rows])


def average_audits(audits: list[Any]) -> list[tuple[Any, ...]]:
    """Return one row per agent, in the order of COLUMNS."""
    import numpy as np

    rows = []
    for number, agent in enumerate(audits[0].agents):
        r_squared = float(np.mean([audit.r_squared[number] for audit in audits]))
        cosines = np.mean([audit.cosines[number] for audit in audits], axis=0)
        switches = int(sum(audit.switches[number].sum() for audit in audits))
        rows.append((agent, r_squared, *map(float, cosines), switches, len(audits)))
    return rows


def format_number(value: Any) -> str:
    """Return the text of a table cell."""
    return f"{value:.3f}" if isinstance(value, float) else str(value)


def register(app: typer.Typer) -> None:
    """Add the command `audit`."""
    app.command()(audit)
