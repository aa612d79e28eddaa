"""The readers and the command line as targets: valid samples, a reader, and its oracle."""

import dataclasses
import importlib
import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import typer

from sagin.files import compute_digest
from sagin.learning.checkpoint import read_metadata, save
from sagin.orbits import (
    PRESETS,
    constellation,
    omm_output,
    parse_site,
    parse_time,
    read_elements,
    tle,
)
from sagin.parameters import read_built_in, read_toml, to_toml
from sagin.relaying import scenario as relaying
from sagin.relaying.sites import read_sites
from sagin.slicing import scenario as slicing
from sagin.studies.record import Result, make_sample
from sagin.studies.store import encode_result, read_result
from sagin.training.run import TrainingRun, read_run

from fuzzing import oracle
from fuzzing.oracle import require
from fuzzing.places import list_places
from fuzzing.stored import list_stored
from fuzzing.target import Target

ELEMENTS = constellation(PRESETS["iridium"], datetime(2024, 10, 7, 12, tzinfo=UTC))[:3]
STARLINK = """STARLINK-LIKE
1 44713U 19074A   23231.68957540  .00010004  00000+0  68944-3 0  9993
2 44713  53.0543  55.0193 0001126  68.4718 291.6391 15.06404368208297
"""
HEADING = (
    "radio,mcc,net,area,cell,unit,lon,lat,range,samples,changeable,created,updated,averageSignal"
)
SITES = f"""{HEADING}
LTE,999,1,100,1000,0,9.985375,60.006949,558,33,1,1459692342,1488347104,0
LTE,999,1,101,1001,0,9.984717,60.005219,2234,84,1,1459692342,1488347104,0
GSM,999,1,102,1002,0,9.995185,59.994199,2298,4,1,1459692342,1488347104,0
"""


def make_table() -> str:
    """Return an OMM as CSV."""
    rows = [omm_output.fields_of(element) for element in ELEMENTS]
    lines = [list(rows[0]), *([str(value) for value in row.values()] for row in rows)]
    return "\n".join(",".join(map(str, line)) for line in lines)


def make_elements() -> Target:
    """Return the target of element files."""
    rows = json.loads(omm_output.to_json(ELEMENTS))
    samples = [
        *(
            tle.to_text(ELEMENTS) + STARLINK,
            STARLINK,
            omm_output.to_json(ELEMENTS),
            omm_output.to_xml(ELEMENTS),
        ),
        *(omm_output.to_kvn(ELEMENTS), make_table(), "\n".join(map(json.dumps, rows))),
    ]
    return Target(samples, read_elements, oracle.check_elements)


def make_scenarios(module: Any) -> Target:
    """Return the target of a system's scenario files."""

    def read(path: Path) -> Any:
        return module.check_scenario(read_toml(module.Scenario, path), str(path))

    def check(scenario: Any, data: bytes) -> None:
        oracle.check_scenario(scenario, oracle.parse_toml(data))

    whole = to_toml(module.Scenario())
    sections = re.split(r"\n(?=\[)", whole)
    return Target([whole, *sections], read, check)


def make_overrides() -> Target:
    """Return the target of --set."""
    texts = [
        *("users.count=50", "base.power_dbm=46.0", "orbit.time=2024-10-07T12:00:00Z"),
        *("air.positions_m=[[1.0, 2.0]]", "users.hotspot_place=anywhere", 'sites.file="a.csv"'),
    ]

    def read(text: str) -> Any:
        return read_built_in(relaying.Scenario, relaying.SCENARIOS, "paper", (text,))

    def check(scenario: Any, data: bytes) -> None:
        name, _, value = data.decode("utf-8", "surrogatepass").partition("=")
        path = name.strip().split(".")
        try:
            parsed = oracle.tomllib.loads(f"value = {value.strip()}")
        except oracle.tomllib.TOMLDecodeError:
            parsed = {}
        if len(parsed) == 1:
            raw: Any = parsed["value"]
            for part in reversed(path):
                raw = {part: raw}
            oracle.check_scenario(scenario, raw)
            return
        # what is no value of TOML is a bare text, which a number is not
        held = scenario
        for part in path:
            held = getattr(held, part)
        require(isinstance(held, str) or hasattr(held, "isoformat"), f"text as {held!r}")

    return Target(texts, read, check, is_text=True)


def make_places() -> Target:
    """Return the target of --site and --at."""

    def read(text: str) -> Any:
        return parse_time(text) if ":" in text or text.count("-") > 1 else parse_site(text)

    def check(place: Any, data: bytes) -> None:
        text = data.decode("utf-8", "surrogatepass")
        if isinstance(place, datetime):
            require(str(place.year)[:2] in text or place.year in (1, 9999), f"{text!r} as {place}")
            return
        numbers = [float(part) for part in text.split(",")]
        require(re.fullmatch(r"[-+0-9.eE, \t]+", text), f"{text!r} as a site")
        require(numbers == list(vars(place).values())[: len(numbers)], f"{text!r} as {place}")
        require(abs(numbers[0]) <= 90 and abs(numbers[1]) <= 180, f"{text!r} as a site")

    texts = ["59.91,10.75", "-33.9, 151.2, 100", "2024-10-07T12:00:00Z", "2024-10-07 12:00+02:00"]
    return Target(texts, read, check, is_text=True)


def make_runs(folder: Path) -> Target:
    """Return the target of a training folder's run.json."""
    run = TrainingRun(slicing.build_scenario("small"), "two-layer-maddpg", make_learner(), 400)
    sample = json.dumps({"plan": run.to_plain(), "seeds": 3, "provenance": {}}, indent=1)

    def read(path: Path) -> Any:
        path.replace(folder / "run.json")
        return read_run(folder)

    def check(found: Any, data: bytes) -> None:
        run, seeds = found
        raw = json.loads(oracle.decode(data))
        require(type(raw["seeds"]) is int and 1 <= seeds == raw["seeds"] <= 1000, f"{seeds} seeds")
        for field in dataclasses.fields(run):
            value = getattr(run, field.name)
            if isinstance(value, int | float):
                same = type(raw["plan"][field.name]) is type(value)
                require(same and value == raw["plan"][field.name], f"{field.name}: {value}")

    return Target([sample], read, check)


def make_learner() -> Any:
    """Return a learner's settings."""
    from sagin.learning.settings import make_settings

    return make_settings(())


def make_records() -> Target:
    """Return the target of a store's records, whose reader names the damage."""
    result = Result([make_sample("ours", "rate", [1.0, 2.5])])
    content = encode_result({"study": "a", "users": 5}, result, {"sagin": "0"})
    sample = json.dumps(content, indent=1)

    def read(path: Path) -> Any:
        found = read_result(path)
        return None if isinstance(found, str) else found

    def check(found: Any, data: bytes) -> None:
        raw = json.loads(oracle.decode(data))
        digest = raw.pop("digest")
        require(compute_digest(raw) == digest, "a record that does not match its digest")
        require(found.task == raw["task"], "another task")

    return Target([sample], read, check)


def make_checkpoints(folder: Path) -> Target:
    """Return the target of checkpoints."""
    import jax.numpy as jnp

    save(folder / "checkpoint", {"a": jnp.zeros(3)}, {"done": 5})
    sample = (folder / "checkpoint").read_bytes().decode("latin-1")

    def check(found: Any, data: bytes) -> None:
        require(found == {"done": 5}, f"{found} of a damaged checkpoint")
        del data

    return Target([sample], read_metadata, check)


def make_commands() -> Target:
    """Return the target of the command line: parsing, and the path of an error."""
    # the package's function of that name hides the module
    main: Any = importlib.import_module("sagin.cli.main")
    group: Any = typer.main.get_command(main.app)
    for command in group.commands.values():
        command.callback = lambda **_: None
    group.callback = None
    lines = [
        *("relay paper --set users.count=5 --drops 64 --seed 3 --json", "slice small --slots 5"),
        *("passes a.tle --site 1,2 --at 2024-10-07 --hours 2 --limit 5", "runs out --where a=b"),
        *("train small --iterations 400 --seeds 2 --setting maddpg.batch=8 --out r --resume",),
        *("reproduce relaying 2 --workers 1 --profile quick", "scenarios --show paper", "doctor"),
    ]

    def read(text: str) -> int:
        main.app, before = group, main.app
        try:
            return main.run(text.split(" "))
        finally:
            main.app = before

    def check(status: Any, data: bytes) -> None:
        require(status in (0, 2), f"status {status} of {data!r}")

    return Target(lines, read, check, is_text=True)


def list_targets(folder: Path) -> dict[str, Target]:
    """List all targets by name; some need a separate folder."""
    return {
        "elements": make_elements(),
        "sites": Target([SITES, SITES.split("\n", 1)[1]], read_sites, oracle.check_sites),
        "relaying scenario": make_scenarios(relaying),
        "slicing scenario": make_scenarios(slicing),
        "--set": make_overrides(),
        "--site and --at": make_places(),
        "run.json": make_runs(folder),
        "records": make_records(),
        "checkpoints": make_checkpoints(folder),
        "command line": make_commands(),
        **list_places(SITES),
        **list_stored(folder),
    }
