"""The command line."""

import sys


def main() -> None:
    """Run the `sagin` command.

    Ctrl-C works from the first moment on, before any other module is loaded.
    """
    try:
        from sagin.machine import collect_rarely

        collect_rarely()
        from sagin.cli.main import run

        status = run(sys.argv[1:])
    except KeyboardInterrupt:
        status = 130
    sys.exit(status)
