"""The README's claims are those of the stored results."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
COLUMNS = ("claim", "printed", "ours, as it is", "with the captions' factors", "verdict")


def table(path: Path, first: str) -> list[dict[str, str]]:
    """Return the rows of the Markdown table whose first heading is `first`."""
    lines = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.startswith("|")
    ]
    start = next(row for row, cells in enumerate(lines) if cells[0] == first)
    return [
        dict(zip(lines[start], cells, strict=True))
        for cells in lines[start + 2 :]
        if len(cells) == len(lines[start])
    ]


def test_readme_shows_stored_claims():
    stored = table(ROOT / "results" / "relaying" / "claims.md", "claim")
    shown = table(ROOT / "README.md", "claim")
    assert len(shown) >= 10
    assert all(
        row in [{column: one[column] for column in COLUMNS} for one in stored] for row in shown
    )
