"""`sagin animate`: draw the network of a run as a moving picture."""

from pathlib import Path
from typing import Annotated

import typer

from sagin.cli.common import make_folder, report_files


def animate(
    run: Annotated[
        Path,
        typer.Argument(
            metavar="RUN",
            help="Folder that `sagin relay` or `sagin slice` wrote, or its network.scene.json.",
        ),
    ],
    *,
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="SVG file to write.")] = Path(
        "network.svg"
    ),
    seconds: Annotated[
        float,
        typer.Option("--seconds", min=0.05, max=60, help="Time for which each picture is shown."),
    ] = 0.5,
) -> None:
    """Draw a run's network over time as a moving SVG picture, which needs no script."""
    from sagin.report.animation import write_animation
    from sagin.studies.scene import NETWORK_FILE, read_scene

    path = run / NETWORK_FILE if run.is_dir() else run
    make_folder(out.parent, "--out")
    report_files([write_animation(read_scene(path), out, seconds=seconds)])


def register(app: typer.Typer) -> None:
    """Add the command `animate`."""
    app.command("animate")(animate)
