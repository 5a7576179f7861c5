"""Posts to replicas until one answers; each way to go wrong has a name."""

import asyncio
import random
import re
import time

import httpx2

from captioners.asking.ask import Reply
from captioners.asking.completion import NoCompletion, reply
from captioners.asking.replicas import Replica, Replicas
from curate.errors import RecipeError, Refused, Unreachable

_CONNECT_S = 15.0
_PAUSE_S = 0.25  # before the first repetition, which doubles
_LATER = (408, 425, 429, 502, 503, 504)  # the replica does not serve now
_BUSY = (429, 503)  # whatever it is asked
_WRONG = (401, 403, 404, 405, 407, 410)  # whatever is asked
_WORDS = 500  # characters of an error that are kept


class Client:
    """One pool of connections. No cookie is kept, no redirect followed, no proxy asked."""

    def __init__(self, replicas: Replicas, model: str, timeout_s: float, tries: int, api_key: str | None) -> None:
        self._replicas, self._model, self._timeout_s, self._tries = replicas, model, timeout_s, tries
        self._http = httpx2.AsyncClient(
            headers={"Content-Type": "application/json", **({"Authorization": f"Bearer {api_key}"} if api_key else {})},
            timeout=httpx2.Timeout(timeout_s, connect=min(_CONNECT_S, timeout_s), pool=None),
            limits=httpx2.Limits(max_connections=None, max_keepalive_connections=None, keepalive_expiry=4.0),
            trust_env=False,
        )

    async def aclose(self) -> None:
        """Close all connections."""
        await self._http.aclose()

    async def reply(self, ask_id: str, body: bytes) -> Reply:
        """The reply to an ask, whose body is posted.

        Refused where it is not taken, Unreachable where no server answered, RecipeError where none could whatever it
        is asked.
        """
        last: Replica | None = None
        failed, began_s = 0, time.monotonic()
        while True:
            async with self._replicas.turn(last) as replica:
                answer = await self._answer(replica, ask_id, body)
            if isinstance(answer, Reply):
                return answer
            failed, last = failed + answer.counts, replica
            waited_s = time.monotonic() - began_s
            if failed >= self._tries or (not answer.counts and waited_s > self._replicas.patience_s):
                raise Unreachable(f"{failed} tries failed in {waited_s:.0f} s, last at {replica.url}: {answer.why}")
            if answer.counts:
                await asyncio.sleep(_PAUSE_S * 2**failed * random.uniform(0.5, 1.0))  # noqa: S311  jitter

    async def _answer(self, replica: Replica, ask_id: str, body: bytes) -> "Reply | _Failed":
        try:
            response = await self._http.post(f"{replica.url}/chat/completions", content=body)
        except httpx2.ConnectError as error:
            return self._down(replica, f"no connection: {error}", counts=0)
        except httpx2.ConnectTimeout:
            return self._down(replica, "no connection in time", counts=0)
        except httpx2.TimeoutException:
            self._replicas.failed(replica, why := f"no answer within {self._timeout_s:g} s")
            return _Failed(why)
        except (httpx2.InvalidURL, httpx2.UnsupportedProtocol) as error:
            raise RecipeError(f"server.urls: {replica.url} cannot be asked: {error}") from error
        except httpx2.RequestError as error:
            return self._down(replica, f"the connection broke: {str(error) or type(error).__name__}", counts=1)
        return self._judged(replica, ask_id, response)

    def _judged(self, replica: Replica, ask_id: str, response: httpx2.Response) -> "Reply | _Failed":
        if response.status_code == 200:
            try:
                answer = reply(ask_id, response.content)
            except NoCompletion as error:
                self._replicas.failed(replica, str(error))
                return _Failed(str(error))
            self._replicas.worked(replica)
            return answer
        status, words = response.status_code, _words(response)
        if status in _LATER:
            return self._down(replica, f"{status}: {words}", int(status not in _BUSY), _retry_after_s(response))
        if status >= 500:
            self._replicas.failed(replica, f"{status}: {words}")
            return _Failed(f"{status}: {words}")
        if status in _WRONG or status < 400:
            raise RecipeError(f"{replica.url} does not serve {self._model}: {status}: {words}; {_cure(status)}")
        if "trust-request-mm-kwargs" in words:
            raise RecipeError(
                f"{replica.url} is not told the times of frames of a video: start it with --trust-request-mm-kwargs, "
                f"or send frames as images: {words}"
            )
        self._replicas.worked(replica)
        raise Refused(f"{status}: {words}")

    def _down(self, replica: Replica, why: str, counts: int, rest_s: float | None = None) -> "_Failed":
        self._replicas.down(replica, why, rest_s)
        return _Failed(why, counts)


class _Failed:
    """A try without an answer; it `counts` as one where what was asked may be the reason."""

    def __init__(self, why: str, counts: int = 1) -> None:
        self.why, self.counts = why, counts


def _cure(status: int) -> str:
    if status in (401, 403, 407):
        return "give the key that it wants in the environment variable RETOLD_MODEL_KEY"
    return "see server.urls (they end in /v1 as a rule) and server.model, which is what GET /models lists"


def _words(response: httpx2.Response) -> str:
    """What a server says of an error, on one line."""
    try:
        said = response.json()
    except ValueError:
        said = response.text
    if isinstance(said, dict) and isinstance(inner := said.get("error", said), dict):
        said = inner.get("message", inner)
    return re.sub(r"\s+", " ", str(said)).strip()[:_WORDS]


def _retry_after_s(response: httpx2.Response) -> float | None:
    """Seconds, where a server names them."""
    named = response.headers.get("retry-after", "")
    return min(float(named), 600.0) if re.fullmatch(r"\d{1,6}(\.\d+)?", named) else None
