"""The relaying study as files: figures, the table of claims, and the page."""

import json
from collections.abc import Sequence
from pathlib import Path

from sagin.experiments.relaying import FIGURES, PROFILES, Profile
from sagin.experiments.relaying_run import (
    CHOICE_COLUMNS,
    cells,
    choice_rows,
    choice_tasks,
    judgements,
    series,
    sweep,
    work,
)
from sagin.experiments.store import Store
from sagin.experiments.study import Figure
from sagin.files import write_atomically
from sagin.papers.relaying.optimum import write_optimum
from sagin.relaying.scenario import Scenario
from sagin.report.old_reproduction import Reproduction
from sagin.report.old_tables import CLAIM_COLUMNS, Table, claim_rows, write_markdown
from sagin.report.page import Section
from sagin.report.plots import draw
from sagin.report.runs import tabulate_runs
from sagin.report.tables import TextTable
from sagin.studies.scene import find_scenes

INTRODUCTION = (
    "Bhola et al., Cooperative UAV-Relay based Satellite Aerial Ground Integrated Networks (VTC 2024-Fall): "
    "the figures drawn anew from our own implementation, and each claim judged. Gains are paired over the same drops. "
    "The paper's captions say that its series were multiplied before plotting; each gain is given as it is and with those factors."
)

TERMS = {
    "GBS, LEO, relay": "ground base station, satellite in a low Earth orbit, UAV that amplifies and forwards the satellite's signal",
    "CUD": "the paper's proposal: users in excess combine the satellite's and the relay's signal by maximum ratio",
    "EGC-SAGIN": "equal-gain combining instead; the relay forwards its noise too, or (equal noise) both signals have the same",
    "SC-SAGIN": "selection combining instead: the stronger signal alone",
    "LEO-GBS": "no relay, the satellite alone reaches who is in excess; on the whole band or on half of it, as relayed users have",
    "GBS-only": "who is in excess isn't served",
    "UAV-BS": "an aerial base station with a transmitter and a backhaul of its own in place of the relay",
    "holds in part": "a significant gain of another size than printed, or one that turns along the sweep",
}


def write(
    store: Store, figures: Sequence[Figure], scenario: Scenario, profile: Profile
) -> tuple[list[Path], Section]:
    """Draw the figures and write the claims into the store's folder, from it alone; return the
    paths and the page's part.
    """
    folder, paths = store.folder, []
    for figure in figures:
        paths += draw(
            figure, {figure.title: series(figure, sweep(store, figure, scenario, profile))}, folder
        )
    claims = Table(CLAIM_COLUMNS, claim_rows(judgements(store, figures, scenario, profile)))
    if claims.rows:
        paths.append(write_markdown(folder / "claims.md", claims))
    tables = tabulate_runs(folder)
    if len(choices := choice_rows(store, scenario, profile)) > 1:
        paths.append(write_markdown(folder / "choices.md", Table(CHOICE_COLUMNS, choices)))
        tables = {
            "CUD's gains under each open choice, 200 users": TextTable(CHOICE_COLUMNS, choices),
            **tables,
        }
    made = {
        "drops a point": profile.drops,
        "seed": profile.seed,
        **store.provenance(cells(figures, scenario, profile)),
    }
    write_atomically(folder / "provenance.json", json.dumps(made, indent=1).encode())
    drawn = {figure.name: figure.title for figure in figures}
    about = "Means over drops; bands are 95 % intervals."
    return paths, Section(
        "The relaying paper, reproduced",
        INTRODUCTION,
        claims,
        drawn,
        about,
        tables,
        made,
        find_scenes(folder),
        terms=TERMS,
    )


REPRODUCTION = Reproduction(
    figures=FIGURES,
    profiles=PROFILES,
    amount=lambda profile: f"{profile.drops} drops a point",
    work=work,
    tasks=cells,
    make="sagin.experiments.relaying_run.make",
    program=lambda _: None,
    write=write,
    choices=choice_tasks,
    optimum=write_optimum,
)
