"""The command that sends a run to a cluster, and looks after what was sent."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from curate.errors import UsageError
from jobs.commands.options import LakeOption, RecipeOption, SetOption, apart, recipe_of
from jobs.commands.running import up_to
from jobs.environment import cluster_address, named
from jobs.session import job_names
from jobs.submit import MARK, Cluster, Order, local, placed
from jobs.terminal import out
from schemas.uri import shown_text


def submit(  # noqa: PLR0913, PLR0917  one option a field
    inputs: Annotated[
        list[str] | None,
        typer.Argument(help="manifests, URLs, s3://..., and a recipe.toml; none: what is in the lake"),
    ] = None,
    lake: LakeOption = "lake",
    recipe: RecipeOption = None,
    settings: SetOption = None,
    address: Annotated[str | None, typer.Option(help="of the cluster, as in http://HEAD:8265")] = None,
    until: Annotated[str | None, typer.Option(help="the last job to run, as in score")] = None,
    strict: Annotated[bool, typer.Option("--strict", help="exit code 1 if any row failed")] = False,
    name: Annotated[str | None, typer.Option(help="of the run; else one of its lake, recipe and sources")] = None,
    env: Annotated[
        list[str] | None,
        typer.Option(help="a variable of this shell to send along; whoever sees the cluster's dashboard sees it"),
    ] = None,
    wait: Annotated[bool, typer.Option(help="show the log until the run ends, and end with its exit code")] = True,
    shared_folder: Annotated[
        bool, typer.Option("--shared-folder", help="local paths are the same on every node of the cluster")
    ] = False,
    code: Annotated[bool, typer.Option("--code", help="send the code of this Python along, for development")] = False,
    attach: Annotated[str | None, typer.Option(help="the id of a run that was sent: show its log")] = None,
    stop: Annotated[str | None, typer.Option(help="the id of a run that was sent: end it")] = None,
    status: Annotated[bool, typer.Option("--status", help="the runs that were sent")] = False,
) -> None:
    where = cluster_address(address)
    if where is None:
        raise UsageError("no cluster is named: --address http://HEAD:8265, or RAY_API_SERVER_ADDRESS")
    if status:
        _tell(Cluster(where))
    elif stop:
        out.print(f"{stop} {'is told to end' if Cluster(where).stop(stop) else 'has ended already'}")
    elif attach:
        _follow(Cluster(where), attach)
    else:
        paths, recipe = apart(inputs, recipe)
        chosen = recipe_of(recipe, settings)
        up_to(until, job_names(chosen))
        written = [*chosen.sources, *(source for judged in chosen.evaluation for source in judged.sources)]
        _seen([*paths, lake, *written], shared_folder)
        _harmless([*paths, *(settings or ())])
        if loose := [one for one in map(Path, local(written)) if not one.is_absolute()]:
            raise UsageError(f"the recipe is read in another folder there: give the whole path of {loose[0]}")
        paths, lake = [placed(one) for one in paths], placed(lake)
        more = [*(("--until", until) if until else ()), *(("--strict",) if strict else ())]
        laid = [part for one in settings or () for part in ("--set", one)]
        text = recipe.read_text("utf-8") if recipe else None
        order = Order(lake, (*paths, *more, *laid), text, name, named(env or ()), code)
        cluster = Cluster(where)
        sent = cluster.submit(order)
        out.print(f"sent as [bold]{sent}[/]")
        if wait:
            _follow(cluster, sent)


def _seen(places: list[str], shared: bool) -> None:
    if (here := local(places)) and not shared:
        raise UsageError(
            f"the nodes of a cluster do not see what lies on this machine: {', '.join(here)}; take s3://..., "
            "or say --shared-folder where every node has the same folder there"
        )


def _harmless(arguments: list[str]) -> None:
    """UsageError where a login or a token would stand in the command line of a job, which Ray shows to whoever asks."""
    if opens := [one for one in arguments if shown_text(one) != one]:
        raise UsageError(
            f"a cluster shows the command line of its jobs, and a login or token stands in {shown_text(opens[0])}: "
            "`retold add` it to the lake from here, and send the run without it"
        )


def _follow(cluster: Cluster, id_: str) -> None:
    try:
        code = cluster.follow(id_, sys.stdout.write)
    except KeyboardInterrupt:
        again = f"retold submit --address {cluster.address}"
        out.print(f"\n{id_} runs on; [bold]{escape(again)} --attach {id_}[/] shows it again, --stop {id_} ends it")
        raise typer.Exit from None
    out.print(f"{id_}: {cluster.job(id_).status.lower()}, exit code {code}")
    if code:
        raise typer.Exit(code)


def _tell(cluster: Cluster) -> None:
    table = Table("run", "status", "began", "lake", box=None)
    for job in cluster.jobs():
        began = datetime.fromtimestamp(job.start_time / 1000, UTC) if job.start_time else None
        table.add_row(
            job.submission_id, job.status.lower(), f"{began:%Y-%m-%d %H:%M} UTC" if began else "", job.metadata[MARK]
        )
    out.print(table)
