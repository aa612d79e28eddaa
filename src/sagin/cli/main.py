"""The `sagin` command: its commands, and the one place where errors become one line and an exit
status.
"""

import signal
import sys
import threading
from typing import Any

import typer

from sagin.errors import InputError, SaginError

app = typer.Typer(
    name="sagin",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    help="Simulate space-air-ground integrated networks, reproduce published results, and judge their claims.",
    epilog="Wrong input gives one line and exit status 2; an interrupted run keeps what it has finished (status 130).",
)


def register() -> None:
    """Add every command; each loads JAX and the rest only when it runs."""
    from sagin.cli import (
        gaps,
        passes,
        plan,
        relay,
        report,
        reproduce,
        runs,
        samples,
        scenarios,
        slice,
        train,
    )

    for module in (
        relay,
        slice,
        plan,
        gaps,
        train,
        passes,
        reproduce,
        report,
        runs,
        scenarios,
        samples,
    ):
        module.register(app)


register()


def stop(*_: object) -> None:
    """Stop as Ctrl-C does."""
    raise KeyboardInterrupt


def run(arguments: list[str]) -> int:
    """Run the command line and return its exit status: 0 done, 1 failed, 2 wrong input, 130
    interrupted.
    """
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, stop)
    try:
        status = app(arguments, prog_name="sagin", standalone_mode=False)
        sys.stdout.flush()
    except SaginError as error:
        complain(str(error))
        return 2 if isinstance(error, InputError) else 1
    except (KeyboardInterrupt, typer.Abort):
        status = 130
    except BrokenPipeError:
        # the reader of our output has gone; what it wanted it has
        sys.stdout = None  # type: ignore[assignment]
        return 0
    except OSError as error:
        complain(f"{error.filename or 'output'}: can't be read or written: {error.strerror}")
        sys.stdout = None  # type: ignore[assignment]
        return 1
    except Exception as error:
        # typer brings its own copy of click or uses the installed one: usage errors are known by
        # this method
        if not hasattr(error, "format_message"):
            raise
        message = usage_message(error, arguments)
        if message.strip():
            complain(message)
        return 2
    if status == 130:
        complain(
            "interrupted; what was finished is stored, and the same command (train: with --resume) goes on from there"
        )
    return status if isinstance(status, int) else 0


def usage_message(error: Exception, arguments: list[str]) -> str:
    """Return a usage error in one line, with the value given and the way to the command's help;
    help itself as it is.
    """
    message = str(error.format_message()).replace("Value error, ", "")  # type: ignore[attr-defined]
    context = getattr(error, "ctx", None)
    if not message.strip() or "\n" in message.strip() or context is None:
        return message
    given = given_value(getattr(error, "param", None), arguments)
    given = "" if given.removeprefix(", not ") in message else given
    return f"{message.rstrip('.')}{given} (see '{context.command_path} --help')"


def given_value(parameter: Any, arguments: list[str]) -> str:
    """Return what an option was given, in words; empty if that isn't to be seen."""
    names = [name for name in getattr(parameter, "opts", []) if name in arguments[:-1]]
    return f", not {arguments[arguments.index(names[0]) + 1]!r}" if names else ""


def complain(message: str) -> None:
    """Write one line to standard error, named after the program."""
    sys.stderr.write(message + "\n" if "\n" in message else f"sagin: {message}\n")
