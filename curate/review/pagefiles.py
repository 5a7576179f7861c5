"""The page's own files, from the package: nothing else is ever served from disk by name."""

import hashlib
import mimetypes
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable

from fastapi import APIRouter, Request, Response

from curate.review.refusal import Absent

_TYPES = {".js": "text/javascript", ".mjs": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class PageFile:
    """A file of the page, and the hash of its content."""

    name: str
    body: bytes
    media_type: str
    tag: str


def routes() -> APIRouter:
    """`/` and `/pages/...`. A browser asks each time, and is sent only what it does not have."""
    router = APIRouter()
    found = {file.name: file for file in _files(files("curate.review").joinpath("pages"), "")}

    @router.get("/", include_in_schema=False)
    def index(request: Request) -> Response:
        return _answer(request, found.get("index.html"))

    @router.get("/pages/{name:path}", include_in_schema=False)
    def page(request: Request, name: str) -> Response:
        return _answer(request, found.get(name))

    return router


def _answer(request: Request, file: PageFile | None) -> Response:
    if file is None:
        raise Absent("there is no such page")
    headers = {"ETag": file.tag, "Cache-Control": "no-cache"}
    if file.tag in {tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")}:
        return Response(status_code=304, headers=headers)
    return Response(file.body, media_type=file.media_type, headers=headers)


def _files(folder: Traversable, before: str) -> Iterator[PageFile]:
    if not folder.is_dir():
        return
    for one in folder.iterdir():
        if one.is_dir():
            yield from _files(one, f"{before}{one.name}/")
        elif not one.name.startswith((".", "__")):
            body = one.read_bytes()
            yield PageFile(before + one.name, body, _type(one.name), f'"{hashlib.sha256(body).hexdigest()[:32]}"')


def _type(name: str) -> str:
    ending = name[name.rfind(".") :]
    return _TYPES.get(ending) or mimetypes.guess_type(name)[0] or "application/octet-stream"
