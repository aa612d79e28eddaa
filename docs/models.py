"""Generates a page for each link model and each fading: what it computes, its picture, where it
holds, its source and its functions; and the curves on the pages of the learning algorithms.
"""

import importlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

ROOT = Path(__file__).parents[1]
FOLDER, CURVES = "models", "learning/curves"
Lines = dict[str, tuple[Any, Any]]
"""What is drawn: x and y by label."""


class Model(NamedTuple):
    """A row of the table of models, and so a page."""

    title: str
    module: str
    """Whose documentation the page shows."""
    rows: tuple[str, ...]
    """Loss models of `sagin link` that it is behind; they tell range and source."""
    valid: str
    """Where it holds, as far as the rows do not tell."""
    axes: tuple[str, str]
    draw: Callable[[], Lines]
    scales: tuple[str, str] = ("linear", "linear")


ELEVATION = "elevation (°)"
FADING_AXES = ("power over its mean (dB)", "P(power below it)")
ANY_FADING = "Any frequency; the numbers of the fading come from measurements."
DEGREES = np.linspace(1.0, 90.0, 90)


def _draw_free_space() -> Lines:
    from sagin.propagation.free_space import path_loss_db

    km = np.geomspace(0.1, 2000.0, 60)
    return {f"{ghz:g} GHz": (km, path_loss_db(1e3 * km, 1e9 * ghz)) for ghz in (2.0, 12.0, 30.0)}


def _draw_log_distance() -> Lines:
    from sagin.propagation.log_distance import path_loss_db

    km = np.geomspace(0.01, 10.0, 60)
    exponents = (2.0, 3.0, 4.0)
    return {f"exponent {n:g}": (km, path_loss_db(1e3 * km, 2e9, n, 1.0)) for n in exponents}


def _draw_air_to_ground() -> Lines:
    from sagin.propagation import air_to_ground as model

    angles = np.deg2rad(DEGREES)
    return {
        name.replace("_", " "): (DEGREES, model.line_of_sight_probability(angles, environment))
        for name, environment in model.ENVIRONMENTS.items()
    }


def _draw_ntn_sight() -> Lines:
    from sagin.propagation.ntn import los_probability

    degrees = np.linspace(10.0, 90.0, 81)
    places = ("dense_urban", "urban", "suburban_rural")
    return {name.replace("_", " "): (degrees, los_probability(degrees, name)) for name in places}


def _draw_gases() -> Lines:
    from sagin.propagation.gases import slant_gaseous_attenuation_db

    ghz = np.geomspace(1.0, 350.0, 400)
    return {
        f"elevation {angle:g}°": (ghz, slant_gaseous_attenuation_db(1e9 * ghz, angle))
        for angle in (90.0, 30.0, 10.0)
    }


def _draw_rain() -> Lines:
    from sagin.propagation.p618 import rain_attenuation_db

    percent = np.geomspace(0.001, 5.0, 60)
    link = {"elevation_deg": 35.0, "latitude_deg": 48.0, "percent": percent}
    return {
        f"{ghz:g} GHz": (percent, rain_attenuation_db(30.0, 3.0, 1e9 * ghz, **link))
        for ghz in (12.0, 20.0, 30.0)
    }


def _draw_aperture() -> Lines:
    from sagin.propagation.aperture import relative_gain

    degrees = np.linspace(0.0, 12.0, 400)
    return {
        f"{diameter:g} m": (degrees, _to_db(relative_gain(np.deg2rad(degrees), diameter, 12e9)))
        for diameter in (0.3, 0.6, 1.2)
    }


def _to_db(power: Any) -> Any:
    return 10.0 * np.log10(np.maximum(np.asarray(power), 1e-6))


def _draw_fading(cdf: Callable[..., Any], fadings: dict[str, tuple[Any, float]]) -> Lines:
    """Return distributions of the power; a fading's number is its mean."""
    decibels = np.linspace(-40.0, 10.0, 101)
    power = 10.0 ** (decibels / 10.0)
    return {
        label: (decibels, cdf(mean * power, *arguments))
        for label, (arguments, mean) in fadings.items()
    }


def _draw_rayleigh() -> Lines:
    from sagin.propagation.rayleigh import power_cdf

    return _draw_fading(power_cdf, {"Rayleigh": ((), 1.0)})


def _draw_rician() -> Lines:
    from sagin.propagation.rician import power_cdf

    return _draw_fading(power_cdf, {f"K = {k:g}": ((k,), 1.0) for k in (0.0, 3.0, 10.0)})


def _draw_nakagami() -> Lines:
    from sagin.propagation.nakagami import power_cdf

    return _draw_fading(power_cdf, {f"m = {m:g}": ((m,), 1.0) for m in (0.5, 1.0, 2.0, 5.0)})


def _draw_shadowed_rician() -> Lines:
    from sagin.propagation.shadowed_rician import SHADOWING, mean_power, power_cdf

    fadings = {name: ((fading,), float(mean_power(fading))) for name, fading in SHADOWING.items()}
    return _draw_fading(power_cdf, fadings)


DISTANCE_AXES = ("distance (km)", "path loss (dB)")
SIGHT_AXES = (ELEVATION, "probability of a line of sight")
LOG_X, LOG_Y, LOGS = ("log", "linear"), ("linear", "log"), ("log", "log")
MODELS = {
    "free-space": Model(
        "Free space",
        "free_space",
        ("free-space",),
        "Far field of both antennas.",
        DISTANCE_AXES,
        _draw_free_space,
        LOG_X,
    ),
    "log-distance": Model(
        "Log-distance",
        "log_distance",
        ("log-distance",),
        "Distances beyond the reference distance; exponent and shadowing are measured.",
        DISTANCE_AXES,
        _draw_log_distance,
        LOG_X,
    ),
    "air-to-ground": Model(
        "Air to ground",
        "air_to_ground",
        ("air-to-ground",),
        "Mean over places of a type of city.",
        SIGHT_AXES,
        _draw_air_to_ground,
    ),
    "ntn": Model(
        "Non-terrestrial, 3GPP",
        "ntn",
        ("ntn", "ntn-budget"),
        "S and Ka bands for clutter and shadowing.",
        SIGHT_AXES,
        _draw_ntn_sight,
    ),
    "gases": Model(
        "Gases",
        "gases",
        ("gases",),
        "Sea level and standard atmosphere unless they are set.",
        ("frequency (GHz)", "attenuation (dB)"),
        _draw_gases,
        LOGS,
    ),
    "rain": Model(
        "Rain",
        "p618",
        ("rain",),
        "0.001 to 5 % of an average year. The picture: 30 mm/h at "
        "0.01 %, rain height 3 km, latitude 48°, elevation 35°.",
        ("percent of the year exceeded", "attenuation (dB)"),
        _draw_rain,
        LOG_X,
    ),
    "aperture": Model(
        "Reflector antenna",
        "aperture",
        (),
        "Angles up to 90° from boresight, a diameter of more "
        "than a wavelength. The picture: 12 GHz.",
        ("angle from boresight (°)", "gain (dB)"),
        _draw_aperture,
    ),
    "rayleigh": Model(
        "Rayleigh fading", "rayleigh", (), ANY_FADING, FADING_AXES, _draw_rayleigh, LOG_Y
    ),
    "rician": Model("Rician fading", "rician", (), ANY_FADING, FADING_AXES, _draw_rician, LOG_Y),
    "nakagami": Model(
        "Nakagami-m fading",
        "nakagami",
        (),
        f"{ANY_FADING} m from 0.5.",
        FADING_AXES,
        _draw_nakagami,
        LOG_Y,
    ),
    "shadowed-rician": Model(
        "Shadowed-Rician fading",
        "shadowed_rician",
        (),
        ANY_FADING,
        FADING_AXES,
        _draw_shadowed_rician,
        LOG_Y,
    ),
}


def write_page(name: str, model: Model) -> str:
    """Return a model's page as Markdown."""
    module = f"sagin.propagation.{model.module}"
    text = (importlib.import_module(module).__doc__ or "").strip()
    rows = [f"| `{row}` | {_describe_range(row)} |" for row in model.rows]
    table = ["| in `sagin link` | range and source |", "|---|---|", *rows, ""] if rows else []
    usage = [f"```text\nsagin link --model {row}\n```" for row in model.rows[:1]]
    parts = [
        f"# {model.title}",
        text,
        f"![{model.title}: {model.axes[1]} against {model.axes[0]}]({name}.svg)",
        f"**Valid:** {model.valid}",
        "\n".join(table),
        *usage,
        "## Functions",
        f"::: {module}",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _describe_range(row: str) -> str:
    """Return where a loss model of `sagin link` holds, and its source."""
    from sagin.links import MODELS as ROWS

    model = ROWS[row]
    limits = "{:g} to {:g} GHz".format(*model.frequency_ghz)
    if model.elevation_deg[0] >= 0.0:
        limits += ", elevation {:g} to {:g}°".format(*model.elevation_deg)
    return f"{limits}; {model.source}"


def draw_lines(
    lines: Lines, axes: Sequence[str], scales: Sequence[str] = ("linear", "linear")
) -> bytes:
    """Return lines as an SVG picture, always the same."""
    import tempfile

    from sagin.report.canvas import open_canvas, save_canvas
    from sagin.report.looks import number_look

    with open_canvas((4.5, 2.8)) as (canvas, (panel,)):
        for number, (label, (x, y)) in enumerate(lines.items()):
            look = number_look(number)
            style = "--" if look.dashed else "-"
            panel.plot(x, np.asarray(y), label=label, color=look.colour, linestyle=style)
        panel.set(xlabel=axes[0], ylabel=axes[1], xscale=scales[0], yscale=scales[1])
        if scales[1] == "log":
            panel.set_ylim(bottom=max(panel.get_ylim()[0], 1e-4))
        panel.legend()
        with tempfile.TemporaryDirectory() as folder:
            return save_canvas(canvas, Path(folder) / "picture.svg").read_bytes()


def average_curves(rows: Iterable[tuple[float, float]]) -> tuple[list[float], list[float]]:
    """Return x and the mean of y at each x."""
    values: dict[float, list[float]] = defaultdict(list)
    for x, y in rows:
        values[x].append(y)
    return sorted(values), [float(np.mean(values[x])) for x in sorted(values)]


def read_spread(algorithm: str) -> tuple[Lines, tuple[str, str]]:
    """Return the stored learning curve on simple_spread."""
    runs = sorted((ROOT / "results" / "simple_spread").glob(f"{algorithm}-*.json"))
    points = [point for run in runs for point in json.loads(run.read_text())["curve"]]
    curve = average_curves((point["steps"] / 1e6, point["team_return"]) for point in points)
    label = f"{algorithm.upper()}, mean of {len(runs)} seeds"
    return {label: curve}, ("environment steps (millions)", "team return")


def read_validation() -> tuple[Lines, tuple[str, str]]:
    """Return the stored validation scores of the learner reinforce by K_s."""
    import csv

    path = ROOT / "results" / "slicing" / "reinforce" / "validation.csv"
    rows = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
    own = [row for row in rows if row["method"] == "two layers (policy gradient)"]
    sizes = sorted({int(row["K_s"]) for row in own})
    lines = {
        f"K_s = {size}": average_curves(
            (float(row["iterations"]), float(row["validation score"]))
            for row in own
            if int(row["K_s"]) == size
        )
        for size in sizes
    }
    return lines, ("updates", "validation score")


def read_board() -> tuple[Lines, tuple[str, str]]:
    """Return the stored scores of the set policy, the planner and greedy by users per slice."""
    from sagin.leaderboard.entry import read_entries
    from sagin.leaderboard.protocol import FREE

    lines = {}
    for entry in read_entries(ROOT / "results" / "leaderboard", FREE):
        if entry.method in ("set-policy", "planner", "greedy"):
            samples = [one for one in entry.result.samples if one.metric == "score"]
            lines[entry.method] = average_curves(
                (float(one.x or 0.0), float(np.mean(one.values))) for one in samples
            )
    return lines, ("users per slice", "score")


ALGORITHMS: dict[str, Callable[[], tuple[Lines, tuple[str, str]]]] = {
    "maddpg": lambda: read_spread("maddpg"),
    "mappo": lambda: read_spread("mappo"),
    "reinforce": read_validation,
    "set-policy": read_board,
}
"""Whose pages show a curve, and what it is of."""


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the models' pages and pictures and the algorithms' curves."""
    for name, model in MODELS.items():
        _add(files, config, f"{FOLDER}/{name}.md", write_page(name, model))
        picture = draw_lines(model.draw(), model.axes, model.scales)
        _add(files, config, f"{FOLDER}/{name}.svg", picture)
    for name, read in ALGORITHMS.items():
        _add(files, config, f"{CURVES}/{name}.svg", draw_lines(*read()))
    return files


def _add(files: Files, config: MkDocsConfig, path: str, content: str | bytes) -> None:
    files.append(File.generated(config, path, content=content))
