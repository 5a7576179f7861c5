"""The command line: which commands there are, and how they end."""

import os
import shlex
import signal
import sys
from collections.abc import Callable, Mapping, Sequence

import typer
from rich.markup import escape

from curate.errors import BudgetReached, EngineError, UsageError
from curate.media.sandbox import BrokenStage
from curate.storage.trouble import told_as_trouble
from jobs.commands import (
    care,
    estimating,
    evicting,
    exporting,
    filming,
    looking,
    probing,
    recipes,
    reviewing,
    running,
    submitting,
    telling,
)
from jobs.commands.options import err
from schemas.uri import shown_text

BUDGET_REACHED = 3
"""How a run ends that its budget has stopped; 1: something failed, 2: it could not run as it was asked."""

COMMANDS: Mapping[str, Callable[..., None]] = {
    "run": running.run,
    "submit": submitting.submit,
    "add": running.add,
    **{name: running.one_job(name) for name in running.JOBS},
    "check": running.check,
    "estimate": estimating.estimate,
    "status": looking.status,
    "failures": looking.failures,
    "retry": running.retry,
    "explain": looking.explain,
    "report": looking.report,
    "verdicts": looking.verdicts,
    "compare": looking.compare,
    "diff": looking.diff,
    "render": telling.render,
    "export": exporting.export,
    "fsck": care.fsck,
    "vacuum": care.vacuum,
    "takedown": care.takedown,
    "evict": evicting.evict,
    "film": filming.film,
    "demo": filming.demo,
    "probe": probing.probe,
}
RECIPE_COMMANDS: Mapping[str, Callable[..., None]] = {
    "check": recipes.check,
    "render": recipes.rendered,
    "schema": recipes.described,
}
REVIEW_COMMANDS: Mapping[str, Callable[..., None]] = {
    "fill": reviewing.fill,
    "serve": reviewing.serve,
    "collect": reviewing.collect,
    "user": reviewing.user,
    "export": reviewing.export,
    "import": reviewing.import_,
}


def _app() -> typer.Typer:
    app = typer.Typer(
        help="Turns raw video and images into paired text-video training data.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    for name, command in COMMANDS.items():
        app.command(name, help=running.JOBS.get(name))(command)
    app.add_typer(_group("Check, complete and describe recipes.", RECIPE_COMMANDS), name="recipe")
    app.add_typer(_group("The annotators' queue.", REVIEW_COMMANDS), name="review")
    return app


def _group(help_: str, commands: Mapping[str, Callable[..., None]]) -> typer.Typer:
    group = typer.Typer(help=help_, no_args_is_help=True)
    for name, command in commands.items():
        group.command(name)(command)
    return group


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
            _app()(args=arguments, prog_name="retold")
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
