"""Write the verdicts of the studies under results/ into the package, for `sagin.report.old_stored`; run
after results have changed.
"""

import html
import json
from pathlib import Path

from sagin.report.old_stored import key

ROOT = Path(__file__).parents[1]
TARGET = ROOT / "src/sagin/report/stored.json"
SOURCES = {
    "relaying": {"results/relaying": "paper"},
    "slicing": {"results/slicing/learned": "standard"},
}
"""By study, where its claims are, and of which profile."""


def rows(path: Path) -> list[dict[str, str]]:
    """Return a Markdown table's rows by heading."""
    head, _, *body = path.read_text(encoding="utf-8").splitlines()
    cells = [
        [html.unescape(cell.strip()) for cell in line.strip("|").split(" | ")]
        for line in (head, *body)
    ]
    return [dict(zip(cells[0], one, strict=True)) for one in cells[1:]]


def verdicts() -> dict[str, dict[str, str]]:
    """Return what the package is to hold."""
    found = {}
    for study, sources in SOURCES.items():
        stored = [
            (row, profile)
            for folder, profile in sources.items()
            for row in rows(ROOT / folder / "claims.md")
        ]
        found[study] = {key(row): f"{row['verdict']}, profile {profile}" for row, profile in stored}
    return found


def text() -> str:
    """Return the content of the file."""
    return json.dumps(verdicts(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    TARGET.write_text(text(), encoding="utf-8")
    print(f"wrote {TARGET.relative_to(ROOT)}")
