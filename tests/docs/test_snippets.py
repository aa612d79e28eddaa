"""Every command and snippet of the README and the documentation runs."""

import re
import shlex
from pathlib import Path

import pytest

from sagin.cli.main import run

ROOT = Path(__file__).parents[2]
LONG = ("docs/city.md", "docs/learning/training.md", "docs/slicing/optimum.md")
"""Pages whose snippets train or plan for a minute."""
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def blocks(language: str):
    """Yield each code block of a language as a test parameter named after its page and line."""
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for match in re.finditer(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
            line = text[: match.start()].count("\n") + 2
            name = f"{page.relative_to(ROOT)}"
            marks = pytest.mark.slow if name in LONG else ()
            yield pytest.param(match[1], id=f"{name}:{line}", marks=marks)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty folder to run in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("code", list(blocks("python")))
def test_python(code, folder):
    exec(compile(code, "snippet", "exec"), {"__name__": "__main__"})


@pytest.mark.parametrize("code", list(blocks("sh")))
def test_commands(code, folder, capsys):
    for command in code.replace("\\\n", " ").splitlines():
        program, *arguments = shlex.split(command, comments=True) or [""]
        if program == "sagin":
            assert run(arguments) == 0, f"{command}\n{capsys.readouterr().err}"
