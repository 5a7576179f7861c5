"""Which database holds the annotators' queue of a lake."""

from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import Engine

from curate.errors import UsageError
from curate.review.database import open_database
from curate.storage.lake import Lake

DatabaseOption = Annotated[
    str | None,
    typer.Option(
        "--database", envvar="RETOLD_REVIEW_DATABASE",
        help="sqlite:///FILE or postgresql+psycopg://USER:PASSWORD@HOST/NAME; without it, LAKE-review.sqlite. "
        "The variable keeps a password out of the list of processes",
    ),
]  # fmt: skip


def database_of(lake: Lake, url: str | None) -> Engine:
    """The queue of a lake: beside a local one, unless a URL says where."""
    if url is None and lake.blobs.folder is None:
        raise UsageError(
            "the queue of a lake on S3 needs --database, as in postgresql+psycopg://USER:PASSWORD@HOST/NAME"
        )
    return open_database(url or f"sqlite:///{lake.uri}-review.sqlite")


def queue_there(lake: Lake, url: str | None) -> Engine | None:
    """The queue of a lake, if it has one as far as is known: none is made."""
    if url is None and (lake.blobs.folder is None or not Path(f"{lake.uri}-review.sqlite").exists()):
        return None
    return database_of(lake, url)
