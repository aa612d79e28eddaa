"""Every name of the library in the documentation exists."""

import importlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]


def find_object(name: str) -> None:
    """Import the object of a dotted name; AttributeError or ImportError if there is none."""
    parts = name.split(".")
    for size in range(len(parts), 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:size]))
        except ModuleNotFoundError as error:
            if not (error.name or "").startswith("sagin"):
                return  # an optional package
            continue
        for part in parts[size:]:
            found = getattr(found, part)
        return
    raise ImportError(name)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_names_in_code_exist(page):
    text = page.read_text(encoding="utf-8")
    names = set(re.findall(r"(?:`|^::: )(sagin(?:\.\w+)+)(?=[`(]|$)", text, re.MULTILINE))
    missing = []
    for name in sorted(names):
        try:
            find_object(name)
        except (AttributeError, ImportError) as error:
            missing.append(f"{name}: {error}")
    assert not missing


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_files_in_code_exist(page):
    text = page.read_text(encoding="utf-8")
    paths = re.findall(r"`((?:src|tests|examples|benchmarks|results)/[\w./-]+)`", text)
    assert not [path for path in paths if not (ROOT / path).exists()]


def test_public_names_are_on_the_first_page():
    import sagin

    table = (ROOT / "docs" / "start.md").read_text(encoding="utf-8")
    rows = [line for line in table.splitlines() if line.startswith("| `")]
    shown = {name for row in rows for name in re.findall(r"`(\w+)`", row.split("|")[1])}
    assert shown == set(sagin.PUBLIC)
