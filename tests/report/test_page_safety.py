"""Text from files has no effect in a page, and a page runs only its own scripts."""

import json
from dataclasses import replace

from sagin.report.figure_data import Panel, write_csv
from sagin.report.page import Section, write_page
from sagin.report.tables import TextTable

from report_browser import opened, pointed
from report_fixtures import CLAIMS, DRAWING, FIGURE, line, network

EVIL = '</script><img src=x onerror="alert(1)"><a href="javascript:alert(1)">a</a><b>b</b>%{{y}} {}'


def evil_page(folder):
    """Return the path of a page all of whose texts try to run something."""
    figure = replace(
        FIGURE, x_label=EVIL.format("x"), y_label=EVIL.format("y"), title=EVIL.format("title")
    )
    panels = [
        Panel(EVIL.format(part), [line(EVIL.format(name), 1, 2, 3) for name in "mn"], [])
        for part in "pq"
    ]
    run = folder / "runs" / '"><img src=x onerror=alert(1)>'
    for place in (folder, run):
        write_csv(figure, panels, place / "figure-1.csv")
        (place / "figure-1.svg").write_text(DRAWING.format(252))
    stored = network(2) | {"note": EVIL.format("note")}
    stored["points"] = [
        {"name": EVIL.format(f"point {one['name']}"), "kind": one["kind"]}
        for one in stored["points"]
    ]
    (run / "network.scene.json").write_text(json.dumps(stored))
    figures = {"figure-1": figure.title, f"runs/{run.name}/figure-1": EVIL.format("run's title")}
    claims = TextTable(
        [EVIL.format(column) for column in CLAIMS.columns],
        [[EVIL.format(cell) for cell in row] for row in CLAIMS.rows],
    )
    scenes = {
        f"runs/{run.name}/network": EVIL.format("scene"),
        f"runs/{run.name}/none": EVIL.format("none"),
    }
    texts = [EVIL.format(text) for text in ("paper", "introduction", "about", "key", "value")]
    return write_page(
        folder,
        {
            ".": Section(
                *texts[:2],
                claims,
                figures,
                texts[2],
                {EVIL.format("table"): claims},
                {texts[3]: texts[4]},
                scenes,
                terms={texts[3]: texts[4]},
            )
        },
    )


def test_text_from_files_does_nothing(browser, tmp_path):
    """Not even in a browser that ignores the page's own policy."""
    tab, faults = opened(browser, evil_page(tmp_path), bypass_csp=True)
    chart = tab.locator(".chart").first
    chart.scroll_into_view_if_needed()
    pointed(tab, chart, [10, 2], "<b>b</b>%{y} n: 2 (1 to 3)")
    plan = tab.locator("figure.scene .views > div").first
    plan.scroll_into_view_if_needed()
    pointed(tab, plan, [0.9, 0.3], "point user 2")
    tab.locator("th button").first.click()
    harmful = "img[src='x'], a[href^='javascript'], b, [onerror], tspan[style*='bold']"
    made = f'document.querySelectorAll("{harmful}").length'
    assert tab.evaluate(made) == 0
    assert "<b>b</b>%{y} x" in chart.text_content()
    assert "<b>b</b>%{y} p" in chart.text_content()
    hrefs = [link.get_attribute("href") for link in tab.locator("figcaption a").all()]
    assert len(hrefs) == 5
    assert [href for href in hrefs if not href.startswith(("figure-1.", "runs/%22%3E%3Cimg"))] == []
    assert faults == []


def test_the_policy_lets_only_the_page_s_scripts_run(browser, tmp_path):
    path = write_page(
        tmp_path, {".": Section("A paper", "", CLAIMS, {}, "", {"Gains": CLAIMS}, {"seed": 1})}
    )
    path.write_text(
        path.read_text(encoding="utf-8").replace(
            "<h1", "<script>document.title = 'changed'</script><h1", 1
        ),
        encoding="utf-8",
    )
    tab = browser.new_page()
    tab.goto(path.as_uri())
    assert tab.title() == "A paper"
    assert tab.locator("th button").count() == 5
