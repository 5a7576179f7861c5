"""What the review server tells Prometheus."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import Engine
from starlette.testclient import TestClient

from curate.review import store
from curate.review.accounts import set_user
from curate.review.app import create_app
from curate.review.database import open_database
from curate.review.desk import Desk
from curate.review.metrics import METRICS
from curate.review.policy import Policy
from curate.review.wire import NewUser
from tests.review.acting import ANN, Clock, claimed
from tests.review.made import MadeClips, new_item


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    opened = open_database(f"sqlite:///{tmp_path / 'queue.db'}")
    yield opened
    opened.dispose()


def scraped(client: TestClient, token: str = "t0ken") -> dict[tuple[str, str], float]:  # noqa: S107  made here
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200, answer.text
    families = list(text_string_to_metric_families(answer.text))
    assert {family.name for family in families} == set(METRICS)
    return {(one.name, "".join(one.labels.values())): one.value for family in families for one in family.samples}


def test_prometheus_is_told_what_waits_and_what_is_held(engine: Engine, clock: Clock, tmp_path: Path) -> None:
    set_user(engine, NewUser(name="ann", role="annotator"))
    store.add(engine, [new_item("a"), new_item("b")])
    app = create_app(engine, Policy(), MadeClips(tmp_path / "clip.mp4"), clock, metrics_token="t0ken")  # noqa: S106
    client = TestClient(app)
    found = scraped(client)
    assert found["retold_review_items", "open"] == 2
    assert ("retold_review_leases", "work") not in found
    free = found["retold_review_seats_free", "work"]
    claimed(Desk(engine, Policy(), clock), ANN)
    found = scraped(client)
    assert (found["retold_review_leases", "work"], found["retold_review_seats_free", "work"]) == (1, free - 1)
    assert found["retold_review_uncollected", ""] == 0


def test_metrics_are_for_who_has_the_token_and_nobody_without_one(engine: Engine, clock: Clock, tmp_path: Path) -> None:
    clips = MadeClips(tmp_path / "clip.mp4")
    client = TestClient(create_app(engine, Policy(), clips, clock, metrics_token="t0ken"))  # noqa: S106
    assert client.get("/metrics").status_code == 401
    assert client.get("/metrics", headers={"Authorization": "Bearer t0ke"}).status_code == 401
    assert TestClient(create_app(engine, Policy(), clips, clock)).get("/metrics").status_code == 404
