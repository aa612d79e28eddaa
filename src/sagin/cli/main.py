"""The `sagin` command: its commands, and the one place where errors become one line and an exit status."""

import sys

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
    from sagin.cli import passes, relay, reproduce, scenarios

    for module in (relay, passes, reproduce, scenarios):
        module.register(app)


register()


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit: 0 done, 1 failed, 2 wrong input, 130 interrupted."""
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


def run(arguments: list[str]) -> int:
    """Run the command line and return its exit status."""
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
    except Exception as error:
        # typer brings its own copy of click or uses the installed one: usage errors are known by this method
        if not hasattr(error, "format_message"):
            raise
        complain(usage_message(error))
        return 2
    if status == 130:
        complain("interrupted; what was finished is stored, and the same command goes on from there")
    return status if isinstance(status, int) else 0


def usage_message(error: Exception) -> str:
    """Return a usage error in one line, with the way to the command's help; help itself as it is."""
    message = str(error.format_message())  # type: ignore[attr-defined]
    context = getattr(error, "ctx", None)
    if "\n" in message.strip() or context is None:
        return message
    return f"{message.rstrip('.')} (see '{context.command_path} --help')"


def complain(message: str) -> None:
    """Write one line to standard error, named after the program."""
    sys.stderr.write(message + "\n" if "\n" in message else f"sagin: {message}\n")
