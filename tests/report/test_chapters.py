"""The page of four chapters from stored results: its size, height and first view."""

import json
from pathlib import Path

import pytest

from sagin.report.chapters import TITLES, build_chapters
from sagin.report.page import write_page
from sagin.report.reproduction import build_stored_section
from sagin.report.stored_figures import check_figures, count_agreeing

from report_fixtures import network

STORED = Path(__file__).parents[2] / "results"
HEIGHT = "document.documentElement.scrollHeight"
TOP = "element => element.getBoundingClientRect().top + scrollY"


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    """Return the page with a run and all stored results."""
    folder = tmp_path_factory.mktemp("page")
    for chapter in ("network", "methods"):
        run = folder / chapter / "runs" / "walker"
        run.mkdir(parents=True)
        (run / "network.scene.json").write_text(json.dumps(network(6)))
        (run / "kpis.csv").write_text("framework,capacity\nCUD,16.5\n")
    papers = {
        name: build_stored_section(name, folder / name, STORED / name)
        for name in ("relaying", "slicing")
    }
    return write_page(folder, build_chapters(folder, papers, STORED))


def test_the_page_is_light_and_says_where_its_numbers_come_from(path):
    text = path.read_text(encoding="utf-8")
    assert path.stat().st_size < 3_000_000
    assert text.count('class="origin"') == 5
    assert [f">{title}</a>" in text for title in TITLES.values()] == [True] * 4
    assert "+nan" not in text
    assert text.count("Every claim by default and over all readings (stored)") == 2
    assert text.count("Stored results") >= 4


def test_nothing_is_drawn_at_load_that_is_not_seen(browser, path):
    """Interactive in 2 s is measured on an idle core; here a test has no clock.

    Plotly, which takes a second to start, waits for the first figure that comes near.
    """
    tab = browser.new_page(viewport={"width": 1280, "height": 900}, bypass_csp=True)
    tab.goto(path.as_uri(), wait_until="commit")
    plot = tab.locator("figure.plot:visible").first
    plot.wait_for()
    top = plot.evaluate(TOP)
    # all pictures are there, and what is compressed is unpacked
    tab.wait_for_function("document.querySelectorAll('figure.moving:not(:has(img))').length === 0")
    tab.wait_for_function("document.getElementById('plotly') === null")
    assert tab.locator("figure:has(.main-svg)").count() == 0
    assert tab.evaluate("window.Plotly === undefined")
    assert plot.evaluate(TOP) == pytest.approx(top, abs=3)
    plot.scroll_into_view_if_needed()
    plot.locator(".main-svg").first.wait_for(state="attached")
    assert tab.locator("figure:has(.main-svg)").count() <= 2
    tab.close()


def test_each_chapter_is_within_reach(browser, path):
    for width, most in ((1280, 12_000), (400, 20_000)):
        tab = browser.new_page(viewport={"width": width, "height": 900}, bypass_csp=True)
        tab.goto(path.as_uri())
        first = tab.locator("figure img").first
        first.wait_for()
        assert first.evaluate(TOP) < 450
        for figure in tab.locator("figure.plot:visible").all():
            figure.scroll_into_view_if_needed()
            figure.locator(".main-svg").first.wait_for(state="attached")
        assert tab.evaluate(HEIGHT) <= most
        assert tab.evaluate("document.documentElement.scrollWidth") == width
        # the menu stays
        menu = tab.locator("nav a", has_text=TITLES["city"])
        assert menu.is_visible()
        tab.close()


def test_a_moving_picture_stops_on_a_click(browser, path):
    tab = browser.new_page(viewport={"width": 1280, "height": 900})
    tab.goto(path.as_uri())
    figure = tab.locator("figure.moving").first
    image, button = figure.locator("img"), figure.get_by_role("button")
    image.wait_for()
    moving = image.get_attribute("src")
    button.click()
    assert image.get_attribute("src") != moving
    assert button.inner_text() == "Play"
    tab.close()


def test_a_run_is_a_check_of_stored_figures(tmp_path):
    head = "method,users,rate,low (95 %),high (95 %)\n"
    (tmp_path / "stored").mkdir()
    (tmp_path / "stored" / "f.csv").write_text(head + "a,1,2,1,3\na,2,2,1,3\nb,1,9,8,10\n")
    (tmp_path / "f.csv").write_text(head + "a,1,3.5,2.5,4\na,2,9,8,10\n")
    assert count_agreeing(tmp_path / "stored" / "f.csv", tmp_path / "f.csv") == (1, 2)
    sentences = check_figures(tmp_path, {"stored/f": "Fig.", "stored/none": "None"})
    assert list(sentences) == ["stored/f"]
    assert "1 of 2 points" in sentences["stored/f"]
    (tmp_path / "f.csv").write_text(head + "a,1,2.5,1,4\n")
    assert "same within intervals" in check_figures(tmp_path, {"stored/f": "Fig."})["stored/f"]


def test_a_short_run_stands_beside_the_stored_verdicts(tmp_path):
    """What a quick run found of a claim is one more cell of the stored row."""
    from sagin.papers import REGISTRY
    from sagin.report import reproduction
    from sagin.report.page import Section
    from sagin.report.tables import TextTable

    paper = REGISTRY["relaying"]
    text = f"{paper.claims[0].text} ({paper.claims[0].source})"
    claims = TextTable(("claim", "ours", "verdict"), [(text, "+1 %", "undecided")])
    section = Section("", "", claims, {}, "", {}, {})
    added = reproduction._add_stored(paper, section, tmp_path, STORED / "relaying", short=True)
    rows = added.claims.to_plain()
    assert len(rows) > 50
    assert [row["on this machine, quick"] for row in rows if row["claim"] == text] == ["+1 %"]
    assert "stored/figure-2" in added.figures
    # without it, stored figures stand in only for those that the study lacks
    own = section._replace(figures={"figure-2": "Fig. 2"})
    added = reproduction._add_stored(paper, own, tmp_path, STORED / "relaying", short=False)
    assert "stored/figure-2" not in added.figures
    assert added.claims == claims
