"""The command line: which commands there are, and how they end."""

import os
import shlex
import signal
import sys
from collections.abc import Callable, Mapping, Sequence

import typer
from rich.markup import escape

from curate.errors import EngineError, UsageError
from curate.media.sandbox import BrokenStage
from jobs.commands import care, evicting, exporting, filming, looking, probing, recipes, reviewing, running, telling
from jobs.commands.options import err

COMMANDS: Mapping[str, Callable[..., None]] = {
    "run": running.run,
    "add": running.add,
    **{name: running.one_job(name) for name in running.JOBS},
    "check": running.check,
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


def main(argv: Sequence[str] | None = None) -> None:
    """Run the command line; a usage error is a sentence, an interrupt says how to go on."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        _app()(args=arguments, prog_name="retold")
    except UsageError as error:
        err.print(f"[red]error:[/] {escape(str(error))}")
        sys.exit(2)
    except (EngineError, BrokenStage) as error:
        err.print(f"[red]error:[/] {escape(str(error))}\nwhat was done is committed; run again to go on")
        sys.exit(1)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(128 + signal.SIGPIPE)
    except SystemExit as done:
        if done.code == 128 + signal.SIGINT:
            again = escape(shlex.join(["retold", *arguments]))
            err.print(f"\ninterrupted; what was done is committed. Go on with: [bold]{again}[/]")
        raise
