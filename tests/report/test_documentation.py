"""Pages of the documentation in a browser: none is too tall, and names say what is shown."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "docs" / "reference"
MOST_PX = 6000
"""Height of a reference page at 1280 px of width."""


def test_a_reference_page_is_named_by_a_module_that_it_shows():
    menu = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    for path in sorted(REFERENCE.rglob("*.md")):
        name = path.relative_to(ROOT / "docs").as_posix()
        assert f": {name}\n" in menu, name
        if path.parent == REFERENCE:
            continue  # the only page of its part
        title = path.read_text(encoding="utf-8").splitlines()[0].partition(": ")[2]
        modules = [module.split(" ")[0].replace(".", "-") for module in title.split(", ")]
        assert path.stem.split("-")[0] in {module.split("-")[0] for module in modules}, name


@pytest.mark.slow
def test_no_reference_page_is_taller_than_6000_px(browser, tmp_path):
    pytest.importorskip("mkdocs")
    command = ("mkdocs", "build", "--quiet", "--site-dir", str(tmp_path))
    subprocess.run([sys.executable, "-m", *command], cwd=ROOT, check=True)
    tab, heights = browser.new_page(viewport={"width": 1280, "height": 900}), {}
    for path in sorted(tmp_path.glob("reference/**/index.html")):
        tab.goto(path.as_uri(), wait_until="domcontentloaded")
        height = tab.evaluate("document.documentElement.scrollHeight")
        heights[path.parent.relative_to(tmp_path).as_posix()] = height
    tab.close()
    assert len(heights) > 100
    assert {name: height for name, height in heights.items() if height > MOST_PX} == {}
