"""The page in headless Chromium: its controls work as labelled, and it loads nothing."""

import math

import pytest

from report_browser import AT, PATIENCE, opened, pointed
from report_fixtures import made_page

RANGE = "chart => chart._fullLayout.xaxis.range"
UAV = """view => {
  const points = view.data.find((one) => one.meta === "points" && one.name === "UAV");
  const trails = view.data.filter((one) => one.meta === "trail");
  return [points.x[0], trails.map((one) => one.x.filter((x) => x !== null).length)]; }"""
CAMERA = "view => view._fullLayout.scene._scene.getCamera().eye"


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    """Return the path of the made-up page."""
    return made_page(tmp_path_factory.mktemp("page"))


@pytest.fixture(scope="module")
def _opened(browser, path):
    return opened(browser, path)


@pytest.fixture
def tab(_opened):
    """Give the page, wide and light; afterwards it must have complained of nothing and asked for
    nothing.
    """
    found, faults = _opened
    yield found
    found.emulate_media(color_scheme="light")
    found.set_viewport_size({"width": 1100, "height": 900})
    assert faults == []


def first_figure(tab):
    """Return the figure of one panel, and its chart."""
    figure = tab.locator("figure.plot").first
    figure.scroll_into_view_if_needed()
    return figure, figure.locator(".chart")


def until(tab, script, handle, timeout=PATIENCE):
    """Wait until a function of an element says yes."""
    tab.wait_for_function(f"(one) => ({script})(one)", arg=handle.element_handle(), timeout=timeout)


def test_a_key_hides_a_line_with_its_band_and_shows_it_again(tab):
    figure, chart = first_figure(tab)
    button = figure.get_by_role("button", name="second", exact=True)
    seen = 'chart => chart.data.filter((one) => one.name === "second").map((one) => one.visible)'
    drawn = "chart => chart.querySelectorAll('.scatterlayer .trace').length"
    before = chart.evaluate(drawn)
    button.click()
    assert button.get_attribute("aria-pressed") == "false"
    assert chart.evaluate(seen) == [False, False]
    until(tab, f"(chart) => ({drawn})(chart) === {before - 2}", chart)
    button.press("Enter")
    assert chart.evaluate(seen) == [True, True]
    until(tab, f"(chart) => ({drawn})(chart) === {before}", chart)


def test_values_and_intervals_are_told_under_the_mouse_and_by_arrow_keys(tab):
    figure, chart = first_figure(tab)
    told = pointed(tab, chart, [10, 12], "first: 12 (11 to 13)")
    assert "second: 11 (10 to 12)" in told
    assert "capacity: 15" in told
    tab.mouse.move(0, 0)
    chart.press("ArrowRight")
    until(
        tab,
        "layer => layer.textContent.includes('first: 10 (9 to 11)')",
        chart.locator(".hoverlayer"),
    )
    assert (
        figure.locator("output")
        .inner_text()
        .startswith("users per slice: 8; first: 10 (9 to 11); second: 11")
    )
    panels = tab.locator("figure.plot").nth(1)
    for key in ("ArrowRight", "ArrowRight", "ArrowDown", "ArrowDown"):
        panels.locator(".chart").press(key)
    assert (
        panels.locator("output").inner_text()
        == "panel 2; users: 10; BS 1: 2 (1 to 3); UAV 1: 2 (1 to 3)"
    )


def test_a_figure_is_zoomed_by_mouse_and_by_buttons(tab):
    figure, chart = first_figure(tab)
    before = chart.evaluate(RANGE)
    tab.mouse.move(*chart.evaluate(AT, [9, 8]))
    tab.mouse.down()
    tab.mouse.move(*chart.evaluate(AT, [11, 16]), steps=4)
    tab.mouse.up()
    until(tab, "chart => chart._fullLayout.xaxis.range[0] > 8.9", chart)
    assert chart.evaluate(RANGE) == pytest.approx([9, 11], abs=0.05)
    figure.get_by_role("button", name="second", exact=True).press(
        "Enter"
    )  # hiding a line leaves the zoom
    figure.get_by_role("button", name="second", exact=True).press("Enter")
    assert chart.evaluate(RANGE) == pytest.approx([9, 11], abs=0.05)
    figure.get_by_role("button", name="whole figure").click()
    assert chart.evaluate(RANGE) == pytest.approx(before)
    figure.get_by_role("button", name="zoom in").click()
    assert chart.evaluate(RANGE)[1] - chart.evaluate(RANGE)[0] == pytest.approx(
        0.7 * (before[1] - before[0])
    )
    chart.dblclick(position={"x": 200, "y": 100})
    until(tab, f"chart => Math.abs(chart._fullLayout.xaxis.range[0] - {before[0]}) < 1e-6", chart)


def test_an_axis_is_that_of_the_lines_not_of_a_far_bound_or_another_unit(tab):
    ranges = """together => {
      const line = (name, y, limit) => ({ name, limit, y: [y], low: [y - 1], high: [y + 1] });
      const far = { lines: [line("a", 10, false), line("bound", 200, true)] };
      const panels = [far, { lines: [line("a", 500, false)] }];
      return panels.map((panel) => upTo({ together, panels }, panel, new Set()).range[1]); }"""
    assert tab.evaluate(ranges, False) == pytest.approx([12.5, 526.05])
    assert tab.evaluate(ranges, True) == pytest.approx([526.05, 526.05])


def test_a_claim_opens_and_tells_the_rest(tab):
    line = tab.locator(".verdicts details").first
    summary = line.locator("summary")
    assert summary.inner_text().split() == ["A", "beats", "B", "holds"]
    assert not line.get_by_text("+2.90 to +3.50").is_visible()
    summary.press("Enter")
    assert line.get_by_text("+2.90 to +3.50").is_visible()
    summary.press("Enter")


def test_a_table_is_sorted_by_value_by_mouse_and_keyboard(tab):
    column = """table => [...table.tBodies[0].rows]
      .map((row) => row.cells[0].textContent.split(" ")[0]).join("")"""
    table = tab.locator("table").first
    by_gain = table.get_by_role("button", name="gain")
    by_gain.click()
    assert table.evaluate(column) == "BACD"
    assert table.locator("th[aria-sort]").get_attribute("aria-sort") == "ascending"
    by_gain.press("Enter")
    assert table.evaluate(column) == "CABD"
    assert table.locator("th[aria-sort]").get_attribute("aria-sort") == "descending"
    table.get_by_role("button", name="claim").press("Space")
    assert table.evaluate(column) == "ABCD"
    assert table.locator("th[aria-sort]").count() == 1


def test_the_slider_moves_both_views_and_leaves_the_camera(tab):
    scene = tab.locator("figure.scene").first
    scene.scroll_into_view_if_needed()
    plan, space = scene.locator(".views > div").all()
    assert plan.evaluate(UAV)[0] == space.evaluate(UAV)[0] == pytest.approx(0.2)
    before = space.evaluate(CAMERA)
    space.press("ArrowRight")
    until(tab, f"view => Math.abs(({CAMERA})(view).x - {before['x']}) > 0.1", space)
    turned = space.evaluate(CAMERA)
    slider = scene.get_by_role("slider")
    for _ in range(3):
        slider.press("ArrowRight")
    assert scene.locator(".controls output").inner_text() == "30 s (4 of 6)"
    for view in (plan, space):
        until(tab, f"view => Math.abs(({UAV})(view)[0] - 0.5) < 1e-9", view)
        assert view.evaluate(UAV)[1] == [4, 4, 4]
    assert space.evaluate(CAMERA) == pytest.approx(turned)
    slider.press("Home")
    until(tab, f"view => Math.abs(({UAV})(view)[0] - 0.2) < 1e-9", space)
    dragged = dragged_to(tab, space)
    slider.press("ArrowRight")
    until(tab, f"view => Math.abs(({UAV})(view)[0] - 0.3) < 1e-9", space)
    assert space.evaluate(CAMERA) == pytest.approx(dragged, abs=1e-6)


def turn_between(one, other):
    """Return how far apart two places of a camera are."""
    return math.dist(*([place[axis] for axis in "xyz"] for place in (one, other)))


def dragged_to(tab, space):
    """Return the camera after the mouse has turned a view; a browser that is slow may lose a drag,
    so that it is tried again.
    """
    space.scroll_into_view_if_needed()
    box, before = space.bounding_box(), space.evaluate(CAMERA)
    for _ in range(5):
        tab.mouse.move(box["x"] + 200, box["y"] + 250)
        tab.mouse.down()
        for step in range(1, 11):
            tab.mouse.move(box["x"] + 200 + 10 * step, box["y"] + 250)
            tab.wait_for_timeout(50)
        tab.mouse.up()
        tab.wait_for_timeout(500)
        after = space.evaluate(CAMERA)
        if turn_between(after, before) > 0.1:
            return after
    raise AssertionError("the mouse doesn't turn the view")


def test_the_network_plays_and_pauses(tab):
    scene = tab.locator("figure.scene").first
    slider, time = scene.get_by_role("slider"), scene.locator(".controls output")
    slider.press("Home")
    scene.get_by_role("button", name="Play").click()
    until(tab, "time => !time.textContent.startsWith('0 s')", time)
    scene.get_by_role("button", name="Pause").press("Enter")
    paused = time.inner_text()
    tab.wait_for_timeout(1500)
    assert time.inner_text() == paused
    assert not paused.startswith("50 s")
    scene.get_by_role("button", name="Play").click()
    until(tab, "time => time.textContent === '50 s (6 of 6)'", time)
    scene.get_by_role("button", name="Play").wait_for()
    still = tab.locator("figure.scene").nth(1)
    assert still.get_by_role("slider").count() == 0


def test_users_are_told_served_or_not_and_kinds_hidden(tab):
    scene = tab.locator("figure.scene").first
    symbols = """view => view.data
      .filter((one) => one.meta === "points" && one.name.startsWith("users"))
      .flatMap((one) => one.marker.symbol)"""
    links = 'view => view.data.filter((one) => one.meta === "links").map((one) => one.x.length / 3)'
    slider, plan = scene.get_by_role("slider"), scene.locator(".views > div").first
    slider.press("Home")
    until(tab, f"view => ({symbols})(view).join() === 'circle,triangle-up'", plan)
    assert plan.evaluate(links) == [1, 0, 1]
    scene.get_by_role("button", name="LEO").click()
    until(tab, f"view => ({links})(view).join() === '1,0,0'", plan)
    scene.get_by_role("button", name="LEO").click()
    slider.press("End")
    until(tab, f"view => ({symbols})(view).join() === 'circle,triangle-up-open'", plan)
    slider.press("Home")
    until(tab, f"view => ({symbols})(view).join() === 'circle,triangle-up'", plan)
    plan.scroll_into_view_if_needed()
    pointed(tab, plan, [0.5, 0.5], "600 km away, elevation 89.9°")


def test_dark_mode_changes_the_colours_at_once(tab):
    _, chart = first_figure(tab)
    view = tab.locator("figure.scene .views > div").nth(1)
    bound = (
        'chart => chart.data.find((one) => one.name === "bound" && one.meta === "line").line.color'
    )
    paper = "getComputedStyle(document.body).backgroundColor"
    assert (chart.evaluate(bound), tab.evaluate(paper)) == ("#1b1b1b", "rgb(255, 255, 255)")
    tab.emulate_media(color_scheme="dark")
    until(tab, f"chart => ({bound})(chart) === '#ececec'", chart)
    until(tab, "view => view._fullLayout.font.color === '#ececec'", view)
    assert tab.evaluate(paper) == "rgb(22, 24, 27)"


def test_a_narrow_window_is_not_overflowed(tab):
    tab.set_viewport_size({"width": 360, "height": 800})
    for chart in tab.locator(".chart, .views > div").all():
        until(tab, "chart => chart._fullLayout.width <= 330", chart)
    assert tab.evaluate("document.documentElement.scrollWidth") == 360
    assert tab.locator(".chart").nth(1).evaluate("chart => chart._fullLayout.grid.columns") == 1


def test_every_control_is_reached_by_the_keyboard_and_seen_to_be(tab):
    marked = """() => {
      const controls = document.querySelectorAll("button, summary, a[href], input, [tabindex='0']");
      const all = [...controls].filter((one) => one.checkVisibility());
      all.forEach((one, number) => (one.dataset.number = number));
      document.activeElement.blur(); scrollTo(0, 0); return all.length; }"""
    focused = """() => { const one = document.activeElement, style = getComputedStyle(one);
      const outlined = style.outlineStyle !== "none" && style.outlineWidth !== "0px";
      return [one.dataset.number ?? null, outlined]; }"""
    count, reached = tab.evaluate(marked), {}
    tab.mouse.click(5, 5)
    for _ in range(count):
        tab.keyboard.press("Tab")
        number, seen = tab.evaluate(focused)
        reached[number] = seen
    assert count > 30
    assert set(reached) == {str(number) for number in range(count)}
    assert all(reached.values())


def test_all_is_drawn_before_it_is_printed(browser, path):
    tab = browser.new_page(viewport={"width": 1100, "height": 300})
    tab.goto(path.as_uri())
    figures = tab.locator("figure.plot, figure.scene")
    drawn = tab.locator("figure:has(.main-svg)")
    assert drawn.count() < figures.count()
    tab.pdf()
    until(
        tab,
        f"() => document.querySelectorAll('figure:has(.main-svg)').length === {figures.count()}",
        tab.locator("body"),
    )
    tab.close()


def test_without_scripts_the_drawings_are_shown(browser, path):
    tab = browser.new_context(java_script_enabled=False).new_page()
    tab.goto(path.as_uri())
    images = tab.locator("figure img")
    assert images.count() == 3
    assert all(image.bounding_box()["height"] > 100 for image in images.all())
    assert [text.is_visible() for text in tab.locator("figure noscript p").all()] == [True, True]
