"""Commands of the annotators' queue: fill it, serve it, empty it into the lake."""

import dataclasses
import json
import sys
import tomllib
from pathlib import Path
from typing import Annotated, get_args

import typer
from pydantic import ValidationError
from rich.markup import escape

from curate.errors import UsageError
from curate.proxy.stage import Proxy
from curate.review.accounts import first_admin, set_user
from curate.review.app import create_app, server
from curate.review.footage import Footage
from curate.review.huggingface import Card
from curate.review.policy import Policy
from curate.review.wire import NewUser, Role
from curate.storage.lake import open_lake
from jobs import exchange, queue
from jobs.commands.database import DatabaseOption, database_of, queue_there
from jobs.commands.options import (
    EngineOption,
    JsonOption,
    LakeOption,
    LookedByOption,
    SetOption,
    asked_by,
    finish,
    look,
    looked_by,
    show,
)
from jobs.environment import metrics_token, storage_options
from jobs.exchange import EXPORTS
from jobs.session import open_session
from jobs.terminal import out


def policy_of(path: Path | None) -> Policy:
    """The rules of a queue, from a TOML file; UsageError names each key that is wrong."""
    if path is None:
        return Policy()
    try:
        return Policy.model_validate(tomllib.loads(path.read_text("utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"the policy {path} cannot be read: {error}") from error
    except ValidationError as error:
        lines = (f"  {'.'.join(map(str, one['loc']))}: {one['msg']} (got {one['input']!r})" for one in error.errors())
        raise UsageError(f"the policy {path} has mistakes:\n" + "\n".join(lines)) from error


def fill(
    lake: LakeOption = "lake",
    recipe: LookedByOption = None,
    settings: SetOption = None,
    database: DatabaseOption = None,
    weight: Annotated[
        float, typer.Option(min=0.0, help="what the items of this filling are worth more, or less")
    ] = 1.0,
    engine: EngineOption = "ray",
    as_json: JsonOption = False,
) -> None:
    chosen = looked_by(lake, recipe, settings)
    made = chosen.proxy or Proxy(statuses=chosen.review.statuses, sample_share=chosen.review.looked_at)
    session = open_session(lake, dataclasses.replace(chosen, proxy=made), engine, show(as_json))
    session.run(["proxy"])
    opened = database_of(session.lake, database)
    filled = queue.fill(session.snapshot, chosen.check.rules, chosen.review, opened, weight)
    if as_json:
        sys.stdout.write(json.dumps(dataclasses.asdict(filled)) + "\n")
        return
    out.print(f"{filled.added} new item(s) in the queue, of {filled.wanted} caption(s) that somebody should look at")
    if not filled.wanted:
        out.print("  nothing failed: `--set review.audit_share=1` puts in all the rest too")
    if filled.unshown:
        out.print(f"  {filled.unshown} left out: there is nothing to show of them")
    finish(session, strict=False, as_json=as_json, recipe=asked_by(recipe, settings))


def serve(  # noqa: PLR0913, PLR0917  one option a field
    lake: LakeOption = "lake",
    database: DatabaseOption = None,
    host: Annotated[str, typer.Option(help="127.0.0.1: this machine alone")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535)] = 8800,
    policy: Annotated[Path | None, typer.Option(help="a TOML file: leases, agreement, limits, a trusted proxy")] = None,
    cache: Annotated[
        Path | None, typer.Option(help="a folder of this server alone, for films; else beside the lake")
    ] = None,
    cache_bytes: Annotated[int, typer.Option(min=1 << 20, help="how much it may hold")] = 8 << 30,
    certificate: Annotated[Path | None, typer.Option(help="PEM, for https")] = None,
    key: Annotated[Path | None, typer.Option(help="PEM, of the certificate")] = None,
) -> None:
    opened = open_lake(lake, storage_options())
    if cache is None and opened.blobs.folder is None:
        raise UsageError("for a lake on S3 name a folder for films: --cache FOLDER")
    rules = policy_of(policy)
    if (certificate is None) != (key is None):
        raise UsageError("--certificate and --key go together")
    if certificate is not None:
        rules = rules.model_copy(update={"secure": True})
    engine = database_of(opened, database)
    if (password := first_admin(engine, "admin")) is not None:
        out.print(f"made the account [bold]admin[/] with the password [bold]{password}[/]")
    footage = Footage(opened, cache or Path(f"{opened.uri}-review.films"), cache_bytes)
    app = create_app(engine, rules, footage, metrics_token=metrics_token())
    made = server(app, host, port, certificate and str(certificate), key and str(key))
    listening = made.config.bind_socket()  # so that port 0 is one that is free, and is told
    at = f"[{host}]" if ":" in host else host
    url = f"{'https' if certificate else 'http'}://{at}:{listening.getsockname()[1]}"
    out.print(f"{escape(url)}  (Ctrl-C ends it)", highlight=False)
    made.run(sockets=[listening])


def collect(lake: LakeOption = "lake", database: DatabaseOption = None, as_json: JsonOption = False) -> None:
    opened = open_lake(lake, storage_options())
    new = queue.collect(opened, database_of(opened, database))
    if as_json:
        sys.stdout.write(json.dumps({"reviews": new}) + "\n")
    else:
        out.print(f"{new} new review(s)" + ("; `retold run` makes captions of them" if new else ""))


def export(  # noqa: PLR0913, PLR0917  one option a field
    format_: Annotated[str, typer.Argument(metavar="FORMAT", help=", ".join((*EXPORTS, "huggingface")))],
    out_: Annotated[Path, typer.Argument(metavar="OUT", help="a file; a folder for webvtt and huggingface")],
    lake: LakeOption = "lake",
    recipe: LookedByOption = None,
    settings: SetOption = None,
    database: DatabaseOption = None,
    films: Annotated[Path | None, typer.Option(help="a folder that the films of clips are written into too")] = None,
    address: Annotated[str, typer.Option(help="of a film, where {} is the name of its file")] = "{}",
    title: Annotated[str, typer.Option(help="of a dataset")] = "Captions",
    licence: Annotated[str | None, typer.Option(help="of a dataset, as in cc-by-4.0")] = None,
) -> None:
    if format_ not in (*EXPORTS, "huggingface"):
        raise UsageError(f"no format is called {format_!r}; there are {', '.join((*EXPORTS, 'huggingface'))}")
    snapshot, _ = look(lake, recipe, settings)
    of = exchange.Exchange(
        snapshot,
        database_of(snapshot.lake, database),
        out_,
        lambda clip_id: address.replace("{}", exchange.file_name(clip_id)),
    )
    wrote = exchange.to_huggingface(of, Card(title, licence)) if format_ == "huggingface" else EXPORTS[format_](of)
    out.print(f"{wrote} written to {escape(str(out_))}")
    if films is not None:
        out.print(f"{exchange.films(snapshot, films)} film(s) written to {escape(str(films))}")


def import_(
    path: Annotated[Path, typer.Argument(help="a file of Label Studio: tasks that were exported from here")],
    lake: LakeOption = "lake",
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    try:
        opened = open_lake(lake, storage_options())
        came = exchange.from_labelstudio(opened, queue_there(opened, database), path)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from error
    if as_json:
        sys.stdout.write(json.dumps(dataclasses.asdict(came)) + "\n")
    else:
        out.print(f"{came.annotations} annotation(s), {came.reviews} new review(s)")
        if came.withdrawn:
            out.print(f"  {came.withdrawn} item(s) left the queue: they are decided")


def user(
    name: Annotated[str, typer.Argument(help="as it is typed at the login, or as the trusted proxy says it")],
    role: Annotated[str, typer.Option(help=", ".join(get_args(Role)))] = "annotator",
    password: Annotated[
        bool,
        typer.Option(
            help="ask for one; without, that of an account stays, and a new one has none: only a proxy lets it in"
        ),
    ] = True,
    active: Annotated[bool, typer.Option(help="whether they may log in")] = True,
    lake: LakeOption = "lake",
    database: DatabaseOption = None,
) -> None:
    if role not in get_args(Role):
        raise UsageError(f"a role is {' or '.join(get_args(Role))}, not {role!r}")
    said = typer.prompt(f"password of {name}", hide_input=True, confirmation_prompt=True) if password else None
    try:
        new = NewUser(name=name, role=role, password=said, active=active)  # type: ignore[arg-type]  # one of Role
    except ValidationError as error:
        raise UsageError("; ".join(f"{one['loc'][0]}: {one['msg']}" for one in error.errors())) from error
    set_user(database_of(open_lake(lake, storage_options()), database), new)
    out.print(f"{escape(name)} is {role}" + ("" if active else ", and may not log in"))
