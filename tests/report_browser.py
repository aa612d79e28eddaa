"""A page in a browser, completely drawn, with a pointer."""

AT = """(chart, [x, y]) => {
  const { xaxis, yaxis } = chart._fullLayout, box = chart.getBoundingClientRect();
  return [box.x + xaxis._offset + xaxis.l2p(x), box.y + yaxis._offset + yaxis.l2p(y)];
}"""
PATIENCE = 30_000
"""ms; a browser that draws 3-D without a graphics card on shared cores may take seconds for a
picture.
"""


def opened(browser, path, **options):
    """Return a page with all of it drawn, and a list that gathers what it complains of and asks
    for.
    """
    tab, faults = browser.new_page(**{"viewport": {"width": 1100, "height": 900}, **options}), []
    tab.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    tab.on("pageerror", lambda error: faults.append(str(error)))
    tab.on("dialog", lambda dialog: (faults.append(dialog.message), dialog.dismiss()))
    tab.on(
        "request",
        lambda asked: (
            faults.append(asked.url)
            if not asked.url.startswith((path.as_uri(), "data:", "blob:"))
            else None
        ),
    )
    tab.set_default_timeout(PATIENCE)
    tab.goto(path.as_uri())
    for figure in tab.locator("figure.plot, figure.scene").all():
        figure.scroll_into_view_if_needed()
        figure.locator(".main-svg").first.wait_for(state="attached")
    for figure in tab.locator("figure.scene").all():
        figure.locator("canvas").first.wait_for(state="attached")
    return tab, faults


def pointed(tab, chart, place, said):
    """Move the mouse to a place of a chart until a text is told there, and return all that is told;
    a slow browser may lose a movement.
    """
    shown = chart.locator(".hoverlayer")
    for _ in range(20):
        tab.mouse.move(0, 0)
        tab.mouse.move(*chart.evaluate(AT, place))
        for _ in range(15):
            if said in shown.text_content():
                return shown.text_content()
            tab.wait_for_timeout(PATIENCE / 300)
    raise AssertionError(f"told: {shown.text_content()}")
