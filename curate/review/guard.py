"""What holds for every request: its size, where it comes from, and what a browser may do with the answer."""

from contextlib import suppress

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from curate.errors import RetoldError
from curate.review.wire import Problem

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; media-src 'self' blob:; "
        "connect-src 'self'; font-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
}
_SAFE = ("GET", "HEAD", "OPTIONS")
_OWN_SITES = ("same-origin", "none")


class TooMuch(RetoldError):
    """A body that is longer than allowed."""


class Guard:
    """An ASGI application around another."""

    def __init__(self, app: ASGIApp, body_bytes: int, secure: bool) -> None:
        self._app = app
        self._body_bytes = body_bytes
        extra = {"Strict-Transport-Security": "max-age=31536000"} if secure else {}
        self._headers = HEADERS | extra

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                _add(MutableHeaders(scope=message), self._headers, scope["path"])
            await send(message)

        headers = Headers(scope=scope)
        if scope["method"] not in _SAFE and headers.get("sec-fetch-site", "none") not in _OWN_SITES:
            await _refuse(403, "it comes from another site")(scope, receive, sending)
        elif _declared(headers) > self._body_bytes:
            await _refuse(413, f"a request has at most {self._body_bytes} bytes")(scope, receive, sending)
        else:
            await self._run(scope, receive, sending)

    async def _run(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count what comes, whatever the length was said to be. Past the limit, ours is the only answer."""
        count, started = 0, False

        async def counting() -> Message:
            nonlocal count
            message = await receive()
            count += len(message.get("body", b""))
            if count > self._body_bytes:
                raise TooMuch
            return message

        async def sending(message: Message) -> None:
            nonlocal started
            if count <= self._body_bytes:
                started = True
                await send(message)

        with suppress(TooMuch):
            await self._app(scope, counting, sending)
        if count > self._body_bytes and not started:
            await _refuse(413, f"a request has at most {self._body_bytes} bytes")(scope, receive, send)


def _add(headers: MutableHeaders, extra: dict[str, str], path: str) -> None:
    for name, value in extra.items():
        headers[name] = value
    if path.startswith("/api/"):
        headers.setdefault("Cache-Control", "no-store")


def _declared(headers: Headers) -> int:
    length = headers.get("content-length", "0")
    return int(length) if length.isdecimal() else 0


def _refuse(status: int, error: str) -> JSONResponse:
    return JSONResponse(Problem(error=error).model_dump(), status)
