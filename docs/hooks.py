"""Fills pages with what is generated: tables of fidelity, claims, validation, the command line's help, the changelog."""

import json
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

ROOT = Path(__file__).parents[1]


def fidelity(system: str) -> str:
    """Return a system's table of fidelity."""
    import importlib

    from sagin.report.fidelity import fidelity_table

    return fidelity_table(importlib.import_module(f"sagin.{system}.scenario").Scenario)


def stored(path: str) -> str:
    """Return a stored Markdown file of the repository."""
    return (ROOT / path).read_text(encoding="utf-8")


def home() -> str:
    """Return the README below its title, with links as they are from inside the documentation."""
    text = (ROOT / "README.md").read_text(encoding="utf-8").split("\n", 1)[1]
    return (
        text.replace("](docs/", "](").replace("](CONTRIBUTING.md)", "](contributing.md)").replace(" as in [CITATION.cff](CITATION.cff)", "")
    )


def authorities() -> str:
    """Return a table of the groups of reference values with counts and sources."""
    lines = ["| group | values | quantities | sources |", "|---|---|---|---|"]
    total = 0
    for path in sorted((ROOT / "tests" / "authorities").glob("*.json")):
        entries = json.loads(path.read_text(encoding="utf-8"))["entries"]
        total += len(entries)
        sources = Counter(re.sub(r"\s+", " ", entry["source"]) for entry in entries).most_common(2)
        quantities = len({entry["quantity"] for entry in entries})
        lines.append(
            f"| {path.stem.replace('_', ' ')} | {len(entries)} | {quantities} | {'; '.join(name for name, _ in sources)} |".replace(
                "\n", " "
            )
        )
    return "\n".join([*lines, f"| **all** | **{total}** | | |"])


def helptext(command: str = "") -> str:
    """Return the help of a command as a code block."""
    arguments = [sys.executable, "-m", "sagin", *command.split(), "--help"]
    plain = {**os.environ, "NO_COLOR": "1", "TERM": "dumb", "COLUMNS": "100", "TERMINAL_WIDTH": "100"}
    shown = subprocess.run(arguments, capture_output=True, text=True, check=True, env=plain).stdout
    return f"```text\n{shown.strip()}\n```"


GENERATED = {"fidelity": fidelity, "stored": stored, "home": home, "authorities": authorities, "help": helptext}


def on_page_markdown(markdown: str, **_: object) -> str:
    """Replace each `<!-- generated: NAME ARGUMENT -->` by what it names."""
    return re.sub(r"<!-- generated: (\w+) ?(.*?) -->", lambda match: GENERATED[match[1]](*([match[2]] if match[2] else [])), markdown)


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Show the figures among the stored results, which lie outside the documentation."""
    for path in sorted((ROOT / "results").rglob("*.svg")):
        files.append(File.generated(config, path.relative_to(ROOT).as_posix(), abs_src_path=str(path)))
    return files
