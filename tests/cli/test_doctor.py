"""`sagin doctor` reports what does not work or is slow, with advice, and does not load JAX."""

import importlib.metadata
import json
import subprocess
import sys

import pytest

from sagin.cli import common, doctor
from sagin.cli.main import run


def examine(capsys, *arguments):
    """Return the status of the command, and its findings by subject."""
    status = run(["doctor", "--json", *arguments])
    return status, {one["subject"]: one for one in json.loads(capsys.readouterr().out)}


def test_this_machine_is_fit_without_loading_jax():
    script = (
        "import sys; from sagin.cli.main import run; status = run(['doctor']); "
        "assert not {'jax', 'numpy', 'polars'} & set(sys.modules); sys.exit(status)"
    )
    answer = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (answer.returncode, answer.stderr) == (0, "")
    assert all(name in answer.stdout for name in ("jaxlib", "cache", "memory", "disk"))


def test_versions_out_of_range_and_missing_packages_fail(capsys, monkeypatch):
    real = importlib.metadata.version

    def version(name):
        if name == "optax":
            raise importlib.metadata.PackageNotFoundError
        return {"jax": "0.13.0", "numpy": "1.26.4"}.get(name) or real(name)

    monkeypatch.setattr(importlib.metadata, "version", version)
    status, findings = examine(capsys)
    assert status == 1
    failures = {name for name, one in findings.items() if one["state"] == "fails"}
    assert failures == {"jax", "numpy", "optax"}
    assert all("pip install" in findings[name]["advice"] for name in failures)


@pytest.mark.parametrize(
    ("present", "state"),
    [
        ("0.9.2", "fails"),
        ("0.10", "ok"),
        ("0.12.1.dev3", "ok"),
        ("0.13", "fails"),
        ("1.0", "fails"),
    ],
)
def test_limits_are_those_of_the_project(monkeypatch, present, state):
    monkeypatch.setattr(importlib.metadata, "version", lambda _: present)
    assert doctor.check_package("jax<0.13,>=0.10").state == state


def test_what_is_slower_is_noted(capsys, monkeypatch, tmp_path):
    monkeypatch.delenv("JAX_COMPILATION_CACHE_DIR", raising=False)
    monkeypatch.setenv("SAGIN_CACHE", "off")
    monkeypatch.setenv("JAX_ENABLE_X64", "1")
    monkeypatch.setattr("sagin.pool.measure_memory", lambda: 1)
    monkeypatch.setattr("sagin.machine.count_cores", lambda: 4)
    monkeypatch.setattr(doctor, "MIN_DISK_BYTES", 2**80)
    monkeypatch.setattr("os.getloadavg", lambda: (8.0, 0.0, 0.0))
    monkeypatch.setenv("XLA_FLAGS", f"--{doctor.SINGLE_THREAD}")
    status, findings = examine(capsys)
    assert status == 0
    notes = {name for name, one in findings.items() if one["state"] == "note"}
    assert notes == {"cache", "floats", "memory", "disk", "threads", "load"}
    assert "3 times as long" in findings["load"]["advice"]
    (tmp_path / "file").touch()
    status, findings = examine(capsys, "--out", str(tmp_path / "file"))
    assert (status, findings["disk"]["state"]) == (1, "fails")


@pytest.mark.parametrize(("gib", "line"), [(7, "2 workers: not enough free memory"), (100, "")])
def test_fewer_workers_than_cores_are_explained(capsys, monkeypatch, gib, line):
    monkeypatch.setattr("sagin.pool.measure_memory", lambda: gib * 2**30)
    monkeypatch.setattr("sagin.pool.count_cores", lambda: 4)
    monkeypatch.setattr("sagin.pool.list_devices", list)
    common.report_memory()
    assert capsys.readouterr().err.startswith(line)
    assert bool(line) == (gib < 12)


def test_kept_programs_are_counted(capsys, monkeypatch, tmp_path):
    monkeypatch.delenv("JAX_COMPILATION_CACHE_DIR", raising=False)
    monkeypatch.setenv("SAGIN_CACHE", str(tmp_path))
    folder = tmp_path / "programs" / "version"
    folder.mkdir(parents=True)
    (folder / "jit_f-0").write_bytes(b"x" * 2**20)
    _, findings = examine(capsys)
    assert findings["cache"]["value"].endswith(": 1 programs, 1 of 1024 MiB")
