"""What writers that were killed leave behind: on a folder staged files, on S3 uploads that never completed."""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from curate.storage.blobs import Blobs
from curate.storage.s3 import client

_STAGED = re.compile(r"#\d+$")  # how the object store's local files are called until they are whole


@dataclass(frozen=True, slots=True)
class Unfinished:
    """An object that was begun. Nothing lists it, but it takes space."""

    path: str  # below the lake; of a staged file, that file's own
    size: int
    modified_s: float  # since 1970; of an upload, when it was begun
    upload: str | None  # its id on S3; None: a staged file


def unfinished(blobs: Blobs) -> Iterator[Unfinished]:
    """All that was begun below the lake and not finished; what is being written now is among it."""
    return _uploads(blobs) if blobs.folder is None else _staged(blobs.folder)


def discard(blobs: Blobs, one: Unfinished) -> None:
    """Give its space back; whoever still writes it fails."""
    if blobs.folder is not None:
        (blobs.folder / one.path).unlink(missing_ok=True)
        return
    s3 = client(blobs.options)
    bucket, prefix = _place(blobs)
    with suppress(s3.exceptions.NoSuchUpload):
        s3.abort_multipart_upload(Bucket=bucket, Key=prefix + one.path, UploadId=one.upload)


def _staged(folder: Path) -> Iterator[Unfinished]:
    for path in folder.rglob("*"):
        if _STAGED.search(path.name):
            with suppress(FileNotFoundError):  # finished while we looked
                found = path.stat()
                yield Unfinished(path.relative_to(folder).as_posix(), found.st_size, found.st_mtime, None)


def _uploads(blobs: Blobs) -> Iterator[Unfinished]:
    s3 = client(blobs.options)
    bucket, prefix = _place(blobs)
    for page in s3.get_paginator("list_multipart_uploads").paginate(Bucket=bucket, Prefix=prefix):
        for upload in page.get("Uploads", ()):
            with suppress(s3.exceptions.NoSuchUpload):
                key, name = upload["Key"], upload["UploadId"]
                parts = s3.get_paginator("list_parts").paginate(Bucket=bucket, Key=key, UploadId=name)
                size = sum(part["Size"] for some in parts for part in some.get("Parts", ()))
                yield Unfinished(key.removeprefix(prefix), size, upload["Initiated"].timestamp(), name)


def _place(blobs: Blobs) -> tuple[str, str]:
    """Bucket, and what the keys of the lake begin with."""
    bucket, _, prefix = blobs.uri.removeprefix("s3://").partition("/")
    return bucket, f"{prefix}/" if prefix else ""
