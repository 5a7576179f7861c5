"""The server of the annotators' queue."""

from pathlib import Path

import uvicorn
from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy import Engine, select
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from curate.errors import RowError
from curate.review import metrics, pagefiles, routes_items, routes_people, routes_work
from curate.review.clips import Clips
from curate.review.database import reading
from curate.review.desk import Clock, Desk, server_clock
from curate.review.door import InRoom, Room, TooOften
from curate.review.guard import Guard
from curate.review.limit import Limit
from curate.review.policy import Policy
from curate.review.refusal import Refusal
from curate.review.tables import META
from curate.review.wire import Problem

HEALTH = APIRouter()


@HEALTH.get("/healthz")
def healthy(at: InRoom) -> dict[str, bool]:
    """While the database answers."""
    with reading(at.desk.engine) as connection:
        connection.execute(select(META.c.value)).first()
    return {"ok": True}


def create_app(
    engine: Engine, policy: Policy, clips: Clips, clock: Clock = server_clock, metrics_token: str | None = None
) -> FastAPI:
    """The server, for any ASGI runner; with a token, metrics too.

    No documentation is served: it would load scripts from elsewhere.
    """
    app = FastAPI(title="Retold review", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.room = _room(Desk(engine, policy, clock), clips)
    app.add_middleware(Guard, body_bytes=policy.body_bytes, secure=policy.secure)
    for router in (HEALTH, routes_work.ROUTES, routes_people.ROUTES, routes_items.ROUTES, pagefiles.routes()):
        app.include_router(router)
    if metrics_token:
        app.include_router(metrics.routes(metrics_token))
    app.add_exception_handler(Refusal, _refused)
    app.add_exception_handler(RowError, _no_clip)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _other)
    return app


def server(
    app: FastAPI, host: str, port: int, certificate: Path | str | None = None, key: Path | str | None = None
) -> uvicorn.Server:
    """A server to `run()`. Forwarded addresses are read by `door`, which knows whom to believe; uvicorn does not."""
    return uvicorn.Server(
        uvicorn.Config(
            app, host=host, port=port, proxy_headers=False, server_header=False, access_log=False,
            log_level="warning", ssl_certfile=certificate, ssl_keyfile=key, timeout_graceful_shutdown=5,
        )
    )  # fmt: skip


def _room(desk: Desk, clips: Clips) -> Room:
    rates = desk.policy.rates
    return Room(
        desk=desk,
        clips=clips,
        logins_per_name=Limit(rates.logins_per_name, desk.clock),
        logins_per_address=Limit(rates.logins_per_address, desk.clock),
        writes=Limit(rates.writes, desk.clock),
    )


def _answer(problem: Problem, status: int) -> JSONResponse:
    return JSONResponse(problem.model_dump(), status)


async def _refused(_: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, Refusal):
        raise error
    answer = _answer(error.problem, error.status)
    if isinstance(error, TooOften):
        answer.headers["Retry-After"] = str(int(error.wait_s) + 1)
    return answer


async def _no_clip(_: Request, error: Exception) -> JSONResponse:
    return _answer(Problem(error=f"the clip cannot be shown: {error}"), 404)


async def _invalid(_: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, RequestValidationError):
        raise error
    wrong = tuple(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()[:20])
    return _answer(Problem(error="the request cannot be read", missing=wrong), 422)


async def _other(_: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, HTTPException):
        raise error
    return _answer(Problem(error=str(error.detail)), error.status_code)
