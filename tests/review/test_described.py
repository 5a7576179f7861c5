"""Whatever the server's own description allows is answered, and never by an error of the server."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.openapi import from_dict
from schemathesis.specs.openapi.checks import response_schema_conformance

from curate.review.app import create_app
from curate.review.database import open_database
from curate.review.policy import Policy, Rates
from tests.review.made import MadeClips
from tests.review.serving import PASSWORD, Serving, serving, some_items

pytestmark = [pytest.mark.integration, pytest.mark.filterwarnings("ignore::DeprecationWarning")]

CHECKS = [not_a_server_error, response_schema_conformance]
KEPT_OUT = ("/api/logout", "/api/login")  # one ends the session; what the other is told: test_accounts.py


def described() -> dict[str, Any]:
    """The description that FastAPI makes of the server; it is not served."""
    with TemporaryDirectory() as folder:
        engine = open_database(f"sqlite:///{folder}/queue.db")
        told: dict[str, Any] = create_app(engine, Policy(), MadeClips(Path("none.mp4"))).openapi()
        engine.dispose()
    return told


OPERATIONS = {
    found.label: found
    for found in (one.ok() for one in from_dict(described()).get_all_operations())
    if found.path not in KEPT_OUT
}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    often = Rates(logins_per_name=1000, logins_per_address=1000, writes=1_000_000)
    with serving(tmp_path_factory.mktemp("queue"), some_items(), Policy(rates=often)) as served:
        yield served


@pytest.fixture(scope="module")
def ada(running: Serving) -> Iterator[requests.Session]:
    """An admin, who may do all that anybody may."""
    with requests.Session() as session:
        session.post(f"{running.url}/api/login", json={"name": "ada", "password": PASSWORD}).raise_for_status()
        session.headers["X-CSRF"] = session.get(f"{running.url}/api/me").json()["csrf"]
        yield session


@pytest.mark.parametrize("label", OPERATIONS)
def test_no_request_that_is_described_breaks_the_server(label: str, running: Serving, ada: requests.Session) -> None:
    work = ada.post(f"{running.url}/api/next", json={}).json()

    @settings(max_examples=12, suppress_health_check=list(HealthCheck))
    @given(OPERATIONS[label].as_strategy(), st.booleans())
    def ask(case: Case, of_ones_own: bool) -> None:
        if of_ones_own and "item_id" in case.path_parameters:
            case.path_parameters["item_id"] = work["item"]["item_id"]
        if of_ones_own and isinstance(case.body, dict) and "token" in case.body:
            case.body["token"] = work["lease"]["token"]
        case.call_and_validate(base_url=running.url, session=ada, checks=CHECKS, timeout=30)

    ask()
    assert ada.get(f"{running.url}/healthz").json() == {"ok": True}
