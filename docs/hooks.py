"""Hooks of MkDocs that fill the pages with generated parts: tables of fidelity, claims, settings,
validation and the leaderboard, the command line's help, and the changelog.
"""

import json
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

ROOT = Path(__file__).parents[1]


def fidelity(paper: str) -> str:
    """Return the fidelity table of a paper's system."""
    from sagin.papers import find_paper
    from sagin.report.fidelity import make_fidelity_table

    return make_fidelity_table(find_paper(paper).scenario_module().Scenario)


def stored(path: str) -> str:
    """Return a stored Markdown file of the repository."""
    return (ROOT / path).read_text(encoding="utf-8")


def verdicts(paper: str, folder: Any = None) -> str:
    """Return the table of the stored verdicts on a paper's claims, or a sentence if there are none.

    The verdicts are those in `src/sagin/report/stored`, or in another folder.
    """
    from sagin.papers import find_paper
    from sagin.report.tables import to_markdown
    from sagin.report.verdicts import STORED_FOLDER, tabulate_verdicts
    from sagin.studies.claim import read_verdicts

    path = (folder or STORED_FOLDER) / f"{paper}.json"
    if not path.is_file():
        return "No verdicts are stored yet."
    rows = read_verdicts(path.read_text(encoding="utf-8"), path.name).values()
    study = find_paper(paper)
    return to_markdown(tabulate_verdicts(study.claims, list(rows), study.figures))


def definitions(paper: str) -> str:
    """Return the stored gains of a paper under each definition of a gain."""
    from sagin.papers import find_paper
    from sagin.report.tables import TextTable, to_markdown
    from sagin.report.verdicts import STORED_FOLDER
    from sagin.studies.claim import read_verdicts
    from sagin.studies.definitions import tabulate_definitions

    path = STORED_FOLDER / f"{paper}.json"
    rows = read_verdicts(path.read_text(encoding="utf-8"), path.name)
    return to_markdown(TextTable(*tabulate_definitions(find_paper(paper).claims, rows)))


WORDS = re.compile(r"^(holds in part|does not hold|holds|undecided)(?=$|:)")
UNTRAINED = "scores less than the constant action"


def history(path: str, root: Path = ROOT) -> str:
    """Return a stored table of the verdicts of 0.1.0, in which those on learned methods read *not
    tested*, because none of these methods passes the floor.

    The second column names the policy; a rule that learns nothing keeps its verdicts.
    """
    from sagin.policies.table import POLICIES

    header, rule, *rows = (root / path).read_text(encoding="utf-8").strip().splitlines()
    columns, lines = [cell.strip() for cell in header.strip("|").split("|")], [header, rule]
    for row in rows:
        cells = [cell.strip() for cell in row.strip("|").split("|")]
        if cells[1].split(",")[0] not in POLICIES:
            cells = [WORDS.sub("*not tested*", cell, count=1) for cell in cells]
            if columns[-1] == "why":
                cells[-1] = UNTRAINED
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def leaderboard(folder: Path = ROOT / "results" / "leaderboard") -> str:
    """Return the table of each track that has entries, with the track's certified bounds."""
    from sagin.leaderboard.entry import read_entries
    from sagin.leaderboard.protocol import TRACKS
    from sagin.leaderboard.table import list_columns, list_rows
    from sagin.report.tables import TextTable, to_markdown

    parts = []
    for track in TRACKS.values():
        entries = read_entries(folder, track)
        if entries:
            table = TextTable(list_columns(track), list_rows(track, entries))
            parts += [f"## {track.text}", to_markdown(table), *_list_bounds(folder, track)]
    return "\n\n".join(parts or ["No method is entered yet."])


def _list_bounds(folder: Path, track: Any) -> list[str]:
    """Return the table of a track's certified bounds, if `bounds.json` has any: one number per
    slot, by the track's name and the value of x.
    """
    from sagin.leaderboard.table import list_bounds
    from sagin.report.tables import TextTable, to_markdown

    path = folder / "bounds.json"
    content = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    if track.name not in content:
        return []
    bounds = {float(x): values for x, values in content[track.name].items()}
    columns = (track.x_label, f"certified bound of the {track.metrics[0][1]}", "slots")
    return [to_markdown(TextTable(columns, list_bounds(track, bounds)))]


def home() -> str:
    """Return the README below its title, with links that work inside the documentation."""
    text = (ROOT / "README.md").read_text(encoding="utf-8").split("\n", 1)[1]
    text = re.sub(r"\[([^\]]*)\]\(examples/[^)]*\)", r"\1 (in `examples/`)", text)
    return (
        text.replace("](docs/", "](")
        .replace("](CONTRIBUTING.md)", "](contributing.md)")
        .replace("[worked examples](examples/)", "worked examples")
        .replace(" as in [CITATION.cff](CITATION.cff)", "")
    )


def settings() -> str:
    """Return the table of a learner's settings."""
    from sagin.learning.settings import Settings
    from sagin.report.fidelity import make_fidelity_table

    return make_fidelity_table(Settings)


PUBLISHED = {
    "maddpg": {
        500_000: None,
        1_000_000: -76.0,
        1_500_000: None,
        2_000_000: -67.5,
        5_000_000: -64.0,
    },
    "mappo": {
        500_000: None,
        1_000_000: -91.0,
        2_000_000: -88.0,
        5_000_000: -78.0,
        10_000_000: -69.0,
    },
}
"""Team returns on simple_spread after environment steps, read off HARL's published curves."""


def spread(folder: Path = ROOT / "results" / "simple_spread") -> str:
    """Return the table of stored runs of `benchmarks.spread_learning` and HARL's curves, as means
    over seeds with 95 % intervals.
    """
    runs = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))]
    lines = [
        "| learner | environment steps | ours | seeds | wall time a seed | HARL, published |",
        "|---|---|---|---|---|---|",
    ]
    for learner, known in PUBLISHED.items():
        for steps, published in known.items():
            found = [
                point
                for run in runs
                if run["algorithm"] == learner
                for point in run["curve"]
                if point["steps"] == steps
            ]
            if found or published is not None:
                lines.append(_spread_row(learner, steps, found, published))
    return "\n".join(lines)


def _spread_row(
    learner: str, steps: int, found: list[dict[str, float]], published: float | None
) -> str:
    from sagin.studies.statistics import sample_interval

    ours, minutes = "not run", ""
    if found:
        mean = sample_interval([point["team_return"] for point in found])
        ours = f"{mean.estimate:.1f}" + (
            f" ± {mean.high - mean.estimate:.1f}" if len(found) > 1 else ""
        )
        minutes = f"{sum(point['seconds'] for point in found) / len(found) / 60:.0f} min"
    printed = "" if published is None else f"{published:g}"
    cells = (learner.upper(), f"{steps / 1e6:g} M", ours, len(found), minutes, printed)
    return f"| {' | '.join(map(str, cells))} |".replace("-", "−")


TRAINED = ("throughput", "delay", "delay_95", "coverage", "unserved", "collided")


def trained(folder: Path = ROOT / "results" / "learning") -> str:
    """Return the table of stored evaluations of trained policies (`sagin evaluate --out`) and of
    the reference policies.
    """
    from sagin.papers.slicing.reports import format_value, list_labels

    lines, names = [], set()
    for path in sorted(folder.glob("*/result.json")):
        report = json.loads(path.read_text(encoding="utf-8"))
        if not lines:
            labels = [
                label
                for label, kpi in zip(list_labels(report), report["kpis"], strict=True)
                if kpi["name"] in TRAINED
            ]
            lines = [f"| policy | {' | '.join(labels)} |", "|---" * (len(labels) + 1) + "|"]
        first, *others = report["runs"]
        for run in [first, *(run for run in others if not run["policy"].startswith("seed "))]:
            name = f"**{path.parent.name}** ({run['policy']})" if run is first else run["policy"]
            if name not in names:
                names.add(name)
                cells = [format_value(run["kpis"][kpi]) for kpi in TRAINED]
                lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines or ["Nothing is stored yet."])


def authorities() -> str:
    """Return a table of the groups of reference values, with their counts and sources."""
    lines = ["| group | values | quantities | sources |", "|---|---|---|---|"]
    total = 0
    for path in sorted((ROOT / "tests" / "authorities").glob("*.json")):
        entries = json.loads(path.read_text(encoding="utf-8"))["entries"]
        total += len(entries)
        sources = Counter(re.sub(r"\s+", " ", entry["source"]) for entry in entries).most_common(2)
        quantities = len({entry["quantity"] for entry in entries})
        names = "; ".join(name for name, _ in sources)
        line = f"| {path.stem.replace('_', ' ')} | {len(entries)} | {quantities} | {names} |"
        lines.append(line.replace("\n", " "))
    return "\n".join([*lines, f"| **all** | **{total}** | | |"])


def helptext(command: str = "") -> str:
    """Return the help text of a command as a code block."""
    arguments = [sys.executable, "-m", "sagin", *command.split(), "--help"]
    plain = {
        **os.environ,
        "NO_COLOR": "1",
        "TERM": "dumb",
        "COLUMNS": "100",
        "TERMINAL_WIDTH": "100",
    }
    shown = subprocess.run(arguments, capture_output=True, text=True, check=True, env=plain).stdout
    return f"```text\n{shown.strip()}\n```"


def figures(groups: str) -> str:
    """Return the stored results of some benchmarks as a table."""
    # the folder of benchmarks is no package of the environment
    sys.path.insert(0, str(ROOT))
    try:
        from benchmarks.figures import tabulate
    finally:
        sys.path.remove(str(ROOT))
    return tabulate(groups.split())


GENERATED = {
    "figures": figures,
    "fidelity": fidelity,
    "stored": stored,
    "definitions": definitions,
    "verdicts": verdicts,
    "history": history,
    "leaderboard": leaderboard,
    "home": home,
    "settings": settings,
    "spread": spread,
    "trained": trained,
    "authorities": authorities,
    "help": helptext,
}


def on_page_markdown(markdown: str, **_: object) -> str:
    """Replace each `<!-- generated: NAME ARGUMENT -->` by the part that it names."""
    return re.sub(
        r"<!-- generated: (\w+) ?(.*?) -->",
        lambda match: GENERATED[match[1]](*([match[2]] if match[2] else [])),
        markdown,
    )


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the figures among the stored results, which lie outside the documentation's folder."""
    for path in sorted((ROOT / "results").rglob("*.svg")):
        files.append(
            File.generated(config, path.relative_to(ROOT).as_posix(), abs_src_path=str(path))
        )
    return files
