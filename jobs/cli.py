"""The command line: which commands there are, and how they end."""

import os
import shlex
import signal
import sys
from collections.abc import Container, Mapping, Sequence

import typer
from rich.markup import escape

from curate.errors import BudgetReached, EngineError, UsageError
from curate.media.sandbox import BrokenStage
from curate.storage.trouble import told_as_trouble
from jobs.commands.names import COMMANDS, GROUPS, Command
from jobs.terminal import err
from schemas.uri import shown_text

BUDGET_REACHED = 3
"""How a run ends that its budget has stopped; 1: something failed, 2: it could not run as it was asked."""


def program(asked: Container[str]) -> typer.Typer:
    """The program. Of commands that are not asked for there is only what `--help` lists: their modules stay unread."""
    app = typer.Typer(
        help="Turns raw video and images into paired text-video training data.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    _add(app, COMMANDS, asked)
    for name, (says, commands) in GROUPS.items():
        group = typer.Typer(help=says, no_args_is_help=True)
        _add(group, commands, asked)
        app.add_typer(group, name=name)
    return app


def _add(app: typer.Typer, commands: Mapping[str, Command], asked: Container[str]) -> None:
    for name, command in commands.items():
        app.command(name, help=command.says)(command.load() if name in asked else _listed)


def _listed() -> None:
    """A command of which only its name and sentence are needed."""


def _told(error: Exception) -> str:
    """What an error says, without what opens a door in the URIs that it names."""
    return escape(shown_text(str(error)))


def _again(arguments: Sequence[str]) -> str:
    """The command once more, to be copied; one with a secret in it is not written down."""
    command = shlex.join(["retold", *arguments])
    return escape(command) if command == shown_text(command) else "the same command"


def main(argv: Sequence[str] | None = None) -> None:
    """Run the command line; a usage error is a sentence, an interrupt says how to go on."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        with told_as_trouble():
            program(arguments[:2])(args=arguments, prog_name="retold")
    except UsageError as error:
        err.print(f"[red]error:[/] {_told(error)}")
        sys.exit(2)
    except (EngineError, BrokenStage) as error:
        err.print(f"[red]error:[/] {_told(error)}\nwhat was done is committed; run again to go on")
        sys.exit(1)
    except BudgetReached as error:
        again = f"raise it, and go on with: [bold]{_again(arguments)}[/]"
        err.print(f"{_told(error)}; what was done is committed, what is left is not begun; {again}")
        sys.exit(BUDGET_REACHED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(128 + signal.SIGPIPE)
    except SystemExit as done:
        if done.code == 128 + signal.SIGINT:
            err.print(f"\ninterrupted; what was done is committed. Go on with: [bold]{_again(arguments)}[/]")
        raise
