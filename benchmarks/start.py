"""How long a user waits for the import and for the command line's help."""

from benchmarks.measure import process, timing


def rows():
    """Yield (what, target, measured)."""
    for what, target, code in (
        ("import sagin", "under 0.2 s", ("-c", "import sagin")),
        ("sagin --help", "under 0.5 s", ("-m", "sagin", "--help")),
        ("bare Python, for comparison", "", ("-c", "pass")),
    ):
        process(*code)
        yield what, target, str(timing([process(*code).seconds for _ in range(9)]))
