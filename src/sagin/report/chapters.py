"""The page's chapters: the network, the methods, the papers and the city."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from sagin.errors import StoreError
from sagin.inputs import read_json
from sagin.report.figure_data import Panel
from sagin.report.figures import draw_figure
from sagin.report.looks import BOUND, assign_looks
from sagin.report.page import Section
from sagin.report.page_verdicts import BADGES, find_verdict
from sagin.report.relief import CITY, STORED_CITY, list_city_sections
from sagin.report.runs import find_drawings, tabulate_runs
from sagin.report.tables import TextTable
from sagin.studies.figure import Figure, Series
from sagin.studies.scene import NETWORK_FILE, find_scenes, read_scene
from sagin.studies.statistics import sample_interval

NETWORK, METHODS = "network", "methods"
"""Sub-folders of a page's folder; runs lie in `network/runs` and `methods/runs`."""
TITLES = {NETWORK: "The network", METHODS: "The methods", "": "The papers", CITY: "The city"}
LIVE = "Computed on this machine."
STORED = "Stored results of a longer run, not computed on this machine."
NONE = TextTable((), ())
NETWORK_TEXT = (
    "Base stations, UAVs and LEO satellites serve users on the ground together. The picture shows "
    "one run over time: hollow users are not served, numbers are users served per node, and "
    "satellites stand in the strip above the area."
)
METHODS_TEXT = (
    "A method decides in each slot which node serves which user, and with which power. All of them "
    "meet the same held-out slots; no method passes the bound, and the planner knows the whole "
    "slot. The picture is a run of the trained set policy."
)
CITY_TEXT = (
    "Cells of a town overload at the busy hours. The picture is its day with three UAVs and "
    "satellites; the figure counts the users whom nobody serves in each network."
)
BOARD = Figure(
    id="leaderboard",
    title="Score of each method by users per slice",
    sweep="users",
    values=(),
    metrics=("score",),
    methods=(),
    x_label="users per slice",
    y_label="score",
)
SHOWN = ("planner", "set-policy", "constant", "greedy", "selfish", "random")
"""Methods of the leaderboard's figure; its table has all methods."""


def build_chapters(
    folder: Path, papers: Mapping[str, Section], stored: Path | None = None
) -> dict[str, Section]:
    """Return the sections of a page by sub-folder, in the order of the chapters.

    Args:
        folder: folder of the page, whose runs are shown.
        papers: sections of the papers, by sub-folder.
        stored: folder of stored results, such as the repository's `results`.
    """
    sections = {}
    network = build_runs(folder / NETWORK)
    if network is not None:
        sections[NETWORK] = network._replace(introduction=NETWORK_TEXT, chapter=TITLES[NETWORK])
    methods = build_methods(folder / METHODS, stored)
    if methods is not None:
        sections[METHODS] = methods._replace(chapter=TITLES[METHODS])
    preface = describe_claims(papers)
    sections |= {
        name: part._replace(chapter=TITLES[""], preface=preface) for name, part in papers.items()
    }
    return sections | build_cities(folder, stored)


def describe_claims(papers: Mapping[str, Section]) -> str:
    """Describe in a sentence how many of the papers' claims hold."""
    return (
        "Published systems are implemented whole, their figures drawn anew and each claim judged. "
        f"Verdicts on {describe_verdicts(*(part.claims for part in papers.values()))}."
    )


def describe_verdicts(*tables: TextTable) -> str:
    """Return how many claims there are, and how many of them have which verdict."""
    rows = [row for table in tables for row in table.to_plain()]
    verdicts = Counter(find_verdict(row) for row in rows)
    counts = "; ".join(f"{word}: {verdicts[word]}" for word in BADGES if verdicts[word])
    return f"{len(rows)} claims: {counts}" if counts else f"{len(rows)} claims"


def build_runs(folder: Path) -> Section | None:
    """Return the runs in a folder as a section: pictures, networks and KPIs; None without runs."""
    scenes = find_scenes(folder)
    tables = tabulate_runs(folder)
    if not scenes and not tables:
        return None
    first = next(iter(scenes.items()), None)
    moving = {first[1]: read_scene(folder / f"{first[0]}.scene.json")} if first else {}
    return Section(
        TITLES[NETWORK],
        "",
        NONE,
        find_drawings(folder, {}),
        "",
        tables,
        {},
        scenes=scenes,
        origin=LIVE,
        moving=moving,
    )


def build_methods(folder: Path, stored: Path | None) -> Section | None:
    """Return the runs of methods and the stored leaderboard; None if there is neither."""
    runs = build_runs(folder)
    board = stored / "leaderboard" if stored is not None else None
    if board is None or not board.is_dir():
        return runs and runs._replace(title=TITLES[METHODS], introduction=METHODS_TEXT)
    base = runs or Section("", "", NONE, {}, "", {}, {})
    origin = f"Runs: {LIVE} Leaderboard, planner and bound: {STORED}" if runs else STORED
    tables = tabulate_boards(board)
    draw_board(board, folder)
    return base._replace(
        title=TITLES[METHODS],
        introduction=METHODS_TEXT,
        origin=origin,
        figures={BOARD.id: BOARD.title, **base.figures},
        caption="Means over held-out episodes, bands are 95 % intervals. The score weighs the "
        "throughput of slice H, the delay of L and the coverage of C.",
        tables=tables | {f"{title}, on this machine": rows for title, rows in base.tables.items()},
        looks=assign_looks([list(SHOWN)]),
    )


def tabulate_boards(folder: Path) -> dict[str, TextTable]:
    """Return the leaderboard's tables by title."""
    from sagin.leaderboard.entry import read_entries
    from sagin.leaderboard.protocol import list_tracks
    from sagin.leaderboard.table import list_columns, list_rows

    return {
        f"Leaderboard. {track.text}": TextTable(
            list_columns(track), list_rows(track, read_entries(folder, track))
        )
        for track in list_tracks()
    }


def draw_board(board: Path, folder: Path) -> list[Path]:
    """Draw the stored scores of some methods beside the proven bound, and return the paths."""
    from sagin.leaderboard.entry import read_entries
    from sagin.leaderboard.protocol import FREE

    entries = {entry.method: entry for entry in read_entries(board, FREE)}
    lines = []
    for name in (name for name in SHOWN if name in entries):
        samples = [row for row in entries[name].result.samples if row.metric == "score"]
        y = tuple(sample_interval(sample.values[:, 0].tolist()) for sample in samples)
        lines.append(Series(name, tuple(float(sample.x or 0.0) for sample in samples), y))
    bounds = read_json(board / "bounds.json", StoreError)[FREE.name]
    values = tuple(sample_interval(row) for row in bounds.values())
    lines.append(Series(BOUND, tuple(map(float, bounds)), values))
    return draw_figure(BOARD, [Panel("", lines, [])], folder, assign_looks([list(SHOWN)]))


def build_cities(folder: Path, stored: Path | None) -> dict[str, Section]:
    """Return the stored day of a city, and a run into the folder's `city`, as sections."""
    sections = list_city_sections(folder, stored)
    chapter = TITLES[CITY]
    if CITY in sections:
        sections[CITY] = sections[CITY]._replace(chapter=chapter, origin=LIVE)
    if STORED_CITY in sections:
        section = sections.pop(STORED_CITY)
        scene = folder / STORED_CITY / NETWORK_FILE
        day = section._replace(
            introduction=f"{CITY_TEXT} {section.introduction}",
            chapter=chapter,
            origin=STORED,
            moving={section.title: read_scene(scene)} if scene.is_file() else {},
        )
        # the whole day stands before a run of a few hours
        sections = {STORED_CITY: day, **sections}
    return sections
