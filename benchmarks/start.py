"""How long a user waits for the import and for the command line's help."""

from benchmarks.measure import run_python, summarise_times


def rows():
    """Yield (what, target, measured)."""
    for what, target, code in (
        ("import sagin", "under 0.2 s", ("-c", "import sagin")),
        ("sagin --help", "under 0.5 s", ("-m", "sagin", "--help")),
        ("bare Python, for comparison", "", ("-c", "pass")),
    ):
        run_python(*code)
        yield what, target, str(summarise_times([run_python(*code).seconds for _ in range(9)]))
