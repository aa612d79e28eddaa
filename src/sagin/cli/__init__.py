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
        # what is still to be cleared up is not to be interrupted
        ignore_stops()
    except KeyboardInterrupt:
        status = 130
    sys.exit(status)


def ignore_stops() -> None:
    """Let Ctrl-C and requests to end do nothing from now on."""
    import signal

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
