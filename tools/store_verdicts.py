"""Copy the verdicts of the studies under results/ into the package, for `sagin.report.verdicts`.

Run this script after the results have changed.
"""

import json
from pathlib import Path

from sagin.papers import REGISTRY

ROOT = Path(__file__).parents[1]
TARGET = ROOT / "src" / "sagin" / "report" / "stored"
LONG = ("paper", "standard")
"""Profiles, the longest first."""


def find_sources() -> dict[str, Path]:
    """Return the verdicts of each paper's longest stored study, by the paper's name."""
    sources = {}
    for name in REGISTRY:
        paths = sorted((ROOT / "results" / name).rglob("verdicts.json"))
        profiles = {read_profile(path): path for path in paths}
        longest = next((profile for profile in LONG if profile in profiles), None)
        if longest is not None:
            sources[name] = profiles[longest]
    return sources


def read_profile(path: Path) -> str:
    """Return the profile of stored verdicts."""
    return json.loads(path.read_text(encoding="utf-8"))["provenance"]["profile"]


if __name__ == "__main__":
    TARGET.mkdir(exist_ok=True)
    for name, path in find_sources().items():
        (TARGET / f"{name}.json").write_bytes(path.read_bytes())
        print(f"wrote {(TARGET / f'{name}.json').relative_to(ROOT)}")
