"""Run notebooks and store them with their outputs, without Jupyter: python run_notebooks.py OUT.

All code cells of a notebook share one namespace. Printed text, the value of a cell's last line
and figures are stored in Jupyter's format.
"""

import ast
import base64
import contextlib
import io
import json
import sys
import time
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[1] / "examples" / "notebooks"
QUICK = {"SLOTS": 2, "EPISODES": 1, "DROPS": "2"}
"""Variables of a notebook's first cell that a quick run replaces, with their values."""


def run_notebook(path: Path, quick: bool = False) -> dict[str, Any]:
    """Return a notebook with the outputs of its cells; an exception of a cell is passed on."""
    content = json.loads(path.read_text(encoding="utf-8"))
    names: dict[str, Any] = {"__name__": "__main__"}
    cells = [cell for cell in content["cells"] if cell["cell_type"] == "code"]
    for number, cell in enumerate(cells, 1):
        cell["outputs"] = run_cell("".join(cell["source"]), names, number)
        cell["execution_count"] = number
        if quick and number == 1:
            names |= {name: value for name, value in QUICK.items() if name in names}
    return content


def run_cell(source: str, names: dict[str, Any], number: int) -> list[dict[str, Any]]:
    """Execute a cell and return its outputs in Jupyter's format."""
    statements, value = ast.parse(source).body, None
    last = statements[-1] if statements else None
    if isinstance(last, ast.Expr):
        statements = statements[:-1]
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(ast.Module(statements, []), "<cell>", "exec"), names)
        if isinstance(last, ast.Expr):
            value = eval(compile(ast.Expression(last.value), "<cell>", "eval"), names)
    outputs: list[dict[str, Any]] = []
    if printed.getvalue():
        outputs.append({"output_type": "stream", "name": "stdout", "text": printed.getvalue()})
    if value is not None:
        data = show_value(value)
        outputs.append(
            {
                "output_type": "execute_result",
                "execution_count": number,
                "data": data,
                "metadata": {},
            }
        )
    return outputs


def show_value(value: Any) -> dict[str, str]:
    """Return a value by media type: a figure as PNG, anything else as text."""
    data = {"text/plain": repr(value)}
    if hasattr(value, "savefig"):
        buffer = io.BytesIO()
        value.savefig(buffer, format="png", bbox_inches="tight")
        data["image/png"] = base64.b64encode(buffer.getvalue()).decode()
    return data


if __name__ == "__main__":
    out = Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    for path in sorted(FOLDER.glob("*.ipynb")):
        start, work = time.perf_counter(), time.process_time()
        content = run_notebook(path)
        text = json.dumps(content, indent=1, ensure_ascii=False) + "\n"
        (out / path.name).write_text(text, encoding="utf-8")
        seconds = time.perf_counter() - start, time.process_time() - work
        print(f"{path.name}: {seconds[0]:.0f} s, {seconds[1]:.0f} CPU s", flush=True)
