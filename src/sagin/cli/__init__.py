"""The command line."""

import sys


def main() -> None:
    """Run the `sagin` command.

    Ctrl-C is answered from the first moment on, before anything else is loaded.
    """
    try:
        from sagin.machine import collect_rarely

        collect_rarely()
        from sagin.cli.main import run

        status = run(sys.argv[1:])
    except KeyboardInterrupt:
        status = 130
    sys.exit(status)
