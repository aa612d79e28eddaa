"""A browser for the tests of pages."""

import os
import shutil

import pytest

SOFTWARE = (
    "--no-sandbox",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist",
)
"""3-D without a graphics card; and as root, which CI's containers are."""


@pytest.fixture(scope="module")
def browser():
    """Give the system's Chromium."""
    from playwright.sync_api import sync_playwright

    path = next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
    )
    if path is None:
        assert not os.environ.get("CI"), "no Chromium is installed"
        pytest.skip("no Chromium is installed")
    with sync_playwright() as started:
        chromium = started.chromium.launch(executable_path=path, args=SOFTWARE)
        yield chromium
        chromium.close()
