"""What the server answers, and to whom."""

import json
from collections.abc import Iterator
from ipaddress import ip_network
from pathlib import Path

import pytest
from sqlalchemy import Engine
from starlette.testclient import TestClient

from curate.review import store
from curate.review.accounts import set_user
from curate.review.app import create_app
from curate.review.database import open_database
from curate.review.policy import Policy, Rates, TrustedProxy
from curate.review.wire import NewUser, Planted
from tests.review.acting import Clock
from tests.review.made import SECOND, MadeClips, answers, new_item, work_done

PASSWORD = "a long password"  # noqa: S105 - of accounts that are made here
POLICY = Policy(second_look=0.0, second_look_accepted=0.0)
PLANTED = Planted(kind="planted-kind", claim_id="c#1", facet="action", start_us=2 * SECOND, end_us=3 * SECOND)


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with accounts only: hashing passwords takes long, so it is done once."""
    path = tmp_path_factory.mktemp("people") / "queue.db"
    engine = open_database(f"sqlite:///{path}")
    for name, role in (("ann", "annotator"), ("ben", "annotator"), ("rita", "reviewer"), ("ada", "admin")):
        set_user(engine, NewUser.model_validate({"name": name, "role": role, "password": PASSWORD}))
    engine.dispose()
    return path


@pytest.fixture
def engine(people: Path, tmp_path: Path) -> Iterator[Engine]:
    (tmp_path / "queue.db").write_bytes(people.read_bytes())
    opened = open_database(f"sqlite:///{tmp_path / 'queue.db'}")
    yield opened
    opened.dispose()


class Browser:
    """Somebody's browser."""

    def __init__(
        self, engine: Engine, clock: Clock, folder: Path, policy: Policy = POLICY, address: str = "10.0.0.9"
    ) -> None:
        (folder / "clip.mp4").write_bytes(b"0123456789")
        app = create_app(engine, policy, MadeClips(folder / "clip.mp4"), clock)
        self.client = TestClient(app, client=(address, 50000), base_url="http://testserver")
        self.csrf: dict[str, str] = {}

    def log_in(self, name: str) -> "Browser":
        assert self.client.post("/api/login", json={"name": name, "password": PASSWORD}).status_code == 204
        self.csrf = {"X-CSRF": self.client.get("/api/me").json()["csrf"]}
        return self

    def post(self, path: str, body: object) -> tuple[int, dict[str, object]]:
        answer = self.client.post(path, json=body, headers=self.csrf)
        return answer.status_code, answer.json() if answer.content else {}


@pytest.fixture
def browser(engine: Engine, clock: Clock, tmp_path: Path) -> Browser:
    return Browser(engine, clock, tmp_path)


def _work(browser: Browser) -> tuple[str, str]:
    status, work = browser.post("/api/next", {})
    assert status == 200
    return work["item"]["item_id"], work["lease"]["token"]  # type: ignore[index,return-value]


def test_without_a_session_nothing_is_told(browser: Browser, engine: Engine) -> None:
    store.add(engine, [new_item("a")])
    for path in ("/api/me", "/api/items", "/api/items/a", "/api/items/a/footage.mp4", "/api/figures", "/api/users"):
        assert browser.client.get(path).status_code == 401, path
    assert browser.client.post("/api/next", json={}).status_code == 401
    assert browser.client.get("/healthz").status_code == 200


def test_the_cookie_is_out_of_reach_of_scripts_and_of_other_sites(browser: Browser, tmp_path: Path) -> None:
    answer = browser.client.post("/api/login", json={"name": "ann", "password": PASSWORD})
    cookie = answer.headers["set-cookie"]
    assert all(word in cookie for word in ("HttpOnly", "SameSite=strict", "Path=/"))
    assert "Secure" not in cookie


def test_behind_https_the_cookie_is_never_sent_without(engine: Engine, clock: Clock, tmp_path: Path) -> None:
    secure = Browser(engine, clock, tmp_path, POLICY.model_copy(update={"secure": True}))
    answer = secure.client.post("/api/login", json={"name": "ann", "password": PASSWORD})
    assert answer.headers["set-cookie"].startswith("__Host-retold=")
    assert "Secure" in answer.headers["set-cookie"]
    assert "Strict-Transport-Security" in answer.headers


@pytest.mark.parametrize(("name", "password"), [("ann", "wrong"), ("nobody", PASSWORD), ("ann", "")])
def test_a_wrong_login_tells_nothing(browser: Browser, name: str, password: str) -> None:
    answer = browser.client.post("/api/login", json={"name": name, "password": password})
    assert (answer.status_code, answer.json()["error"]) == (401, "the name or the password is wrong")


def test_logins_of_one_name_are_limited_and_the_limit_passes(browser: Browser, clock: Clock) -> None:
    statuses = [
        browser.client.post("/api/login", json={"name": "nobody", "password": "x"}).status_code for _ in range(11)
    ]
    assert statuses == [401] * 10 + [429]
    clock.wait(60)
    assert browser.client.post("/api/login", json={"name": "nobody", "password": "x"}).status_code == 401


def test_logins_from_one_address_are_limited(engine: Engine, clock: Clock, tmp_path: Path) -> None:
    few = POLICY.model_copy(update={"rates": Rates(logins_per_address=2)})
    browser = Browser(engine, clock, tmp_path, few)
    statuses = [
        browser.client.post("/api/login", json={"name": f"n{number}", "password": "x"}).status_code
        for number in range(3)
    ]
    assert statuses == [401, 401, 429]


def test_writes_of_one_person_are_limited(engine: Engine, clock: Clock, tmp_path: Path) -> None:
    few = POLICY.model_copy(update={"rates": Rates(writes=3)})
    browser = Browser(engine, clock, tmp_path, few).log_in("ann")
    assert [browser.post("/api/next", {})[0] for _ in range(4)] == [204, 204, 204, 429]


def test_a_write_without_the_token_of_the_session_is_refused(browser: Browser, engine: Engine) -> None:
    store.add(engine, [new_item("a")])
    browser.log_in("ann")
    for headers in ({}, {"X-CSRF": ""}, {"X-CSRF": "x" * 43}):
        assert browser.client.post("/api/next", json={}, headers=headers).status_code == 403
    assert browser.client.post("/api/next", json={}, headers=browser.csrf).status_code == 200


def test_a_request_from_another_site_is_refused(browser: Browser) -> None:
    browser.log_in("ann")
    other = browser.csrf | {"Sec-Fetch-Site": "cross-site"}
    assert browser.client.post("/api/next", json={}, headers=other).status_code == 403


def test_a_session_ends_by_itself_and_by_logging_out(browser: Browser, clock: Clock) -> None:
    browser.log_in("ann")
    clock.wait(POLICY.session_s)
    assert browser.client.get("/api/me").status_code == 401
    browser.log_in("ann")
    assert browser.post("/api/logout", {})[0] == 204
    assert browser.client.get("/api/me").status_code == 401


def test_what_each_role_may_see(engine: Engine, clock: Clock, tmp_path: Path) -> None:
    store.add(engine, [new_item("a")])
    seen = {}
    for name in ("ann", "rita", "ada"):
        browser = Browser(engine, clock, tmp_path).log_in(name)
        paths = ("/api/items", "/api/items/a", "/api/items/a/peaks", "/api/figures", "/api/users", "/api/audit")
        seen[name] = [browser.client.get(path).status_code for path in paths]
        seen[name] += [browser.post("/api/next", {"phase": "adjudicate"})[0]]
        seen[name] += [browser.post("/api/users", {"name": "new", "role": "admin", "password": PASSWORD})[0]]
    assert seen == {
        "ann": [403, 403, 403, 403, 403, 403, 403, 403],
        "rita": [200, 200, 200, 200, 403, 403, 204, 403],
        "ada": [200, 200, 200, 200, 200, 200, 204, 204],
    }


def test_an_account_that_is_changed_is_logged_out(engine: Engine, clock: Clock, tmp_path: Path) -> None:
    ann, ada = (Browser(engine, clock, tmp_path).log_in(name) for name in ("ann", "ada"))
    assert ada.post("/api/users", {"name": "ann", "role": "annotator", "active": False})[0] == 204
    assert ann.client.get("/api/me").status_code == 401
    assert ann.client.post("/api/login", json={"name": "ann", "password": PASSWORD}).status_code == 401
    assert ada.post("/api/users", {"name": "ada", "role": "annotator"})[0] == 403


def test_an_item_from_claim_to_submit(browser: Browser, engine: Engine, clock: Clock) -> None:
    store.add(engine, [new_item("a")])
    browser.log_in("ann")
    item_id, token = _work(browser)
    draft = work_done().model_dump(mode="json")
    saved = browser.client.put(
        f"/api/items/{item_id}/draft", json={"token": token, "seq": 2, "draft": draft}, headers=browser.csrf
    )
    assert saved.json() == {"seq": 2}
    early = browser.post(f"/api/items/{item_id}/submit", {"token": token, "draft": draft})
    assert (early[0], early[1]["missing"]) == (422, ["the clip cannot have been seen once since it was claimed"])
    clock.wait(4)
    assert browser.post(f"/api/items/{item_id}/submit", {"token": token, "draft": draft})[0] == 200
    assert browser.post("/api/next", {})[0] == 204
    status, work = browser.post(f"/api/items/{item_id}/undo", {})
    assert (status, work["draft"]) == (200, draft)


def test_a_late_write_is_answered_with_where_it_is_kept(browser: Browser, engine: Engine, clock: Clock) -> None:
    store.add(engine, [new_item("a")])
    browser.log_in("ann")
    item_id, token = _work(browser)
    clock.wait(121)
    status, problem = browser.post(
        f"/api/items/{item_id}/submit", {"token": token, "draft": work_done().model_dump(mode="json")}
    )
    assert (status, problem["kept"]) == (409, 1)
    assert browser.post(f"/api/items/{item_id}/beat", {"token": token})[0] == 409
    assert browser.post(f"/api/items/{item_id}/release", {"token": token, "reason": "no"})[0] == 409


@pytest.mark.parametrize(
    "body",
    [
        {}, {"token": "short", "draft": {}}, {"token": "x" * 32, "draft": {"claims": [{}]}},
        {"token": "x" * 32, "draft": {"unknown": 1}}, {"token": "x" * 32, "draft": {}, "decision": "maybe"},
    ],
)  # fmt: skip
def test_what_is_no_request_is_refused_with_where_it_is_wrong(browser: Browser, engine: Engine, body: object) -> None:
    browser.log_in("ann")
    status, problem = browser.post("/api/items/a/submit", body)
    assert status == 422
    assert problem["missing"]


def test_a_body_that_is_too_long_is_not_read(engine: Engine, clock: Clock, tmp_path: Path) -> None:
    small = Browser(engine, clock, tmp_path, POLICY.model_copy(update={"body_bytes": 2000})).log_in("ann")
    assert small.post("/api/next", {"phase": "x" * 3000})[0] == 413

    def chunks() -> Iterator[bytes]:
        for _ in range(30):
            yield b" " * 100

    assert small.client.post("/api/next", content=chunks(), headers=small.csrf).status_code == 413


def test_the_truth_of_gold_and_questions_is_in_no_answer(engine: Engine, clock: Clock, tmp_path: Path) -> None:
    gold, blind = new_item("a", planted=(PLANTED,), severity=9), new_item("b", "blind", severity=8)
    store.add(engine, [gold, blind.model_copy(update={"truths": {"q0": "hidden-truth", "q1": "hidden-truth"}})])
    browser = Browser(engine, clock, tmp_path).log_in("ada")
    told = []
    for _ in range(2):
        _, work = browser.post("/api/next", {})
        told += [work]
        clock.wait(10)
        body = work_done(answers=answers("x", "y") if work["item"]["mode"] == "blind" else ())  # type: ignore[index]
        sent = {"token": work["lease"]["token"], "draft": body.model_dump(mode="json")}  # type: ignore[index]
        told += [browser.post(f"/api/items/{work['item']['item_id']}/submit", sent)[1]]  # type: ignore[index]
    paths = ("/api/items", "/api/items/a", "/api/items/b", "/api/audit")
    told += [browser.client.get(path).json() for path in paths]
    written = json.dumps(told)
    assert all(word not in written for word in ("hidden-truth", "planted", '"gold"'))
    statistics = json.dumps(browser.client.get("/api/figures").json()["gold"])
    assert "planted-kind" in statistics  # how often a kind was found, and nothing of the items
    assert "c#1" not in statistics


def test_footage_is_given_to_who_holds_the_item_in_ranges_and_never_to_a_blind_reader(
    engine: Engine, clock: Clock, tmp_path: Path
) -> None:
    store.add(engine, [new_item("a", severity=3), new_item("b", "blind", severity=2)])
    ann, ben, rita = (Browser(engine, clock, tmp_path).log_in(name) for name in ("ann", "ben", "rita"))
    assert [_work(one)[0] for one in (ann, ben)] == ["a", "b"]
    part = ann.client.get("/api/items/a/footage.mp4", headers={"Range": "bytes=2-4"})
    assert (part.status_code, part.content, part.headers["content-range"]) == (206, b"234", "bytes 2-4/10")
    assert ann.client.get("/api/items/a/peaks").headers["x-peaks-hz"] == "50"
    assert ann.client.get("/api/items/a/thumbs.jpg").headers["x-thumbs"] == "8"
    for what in ("footage.mp4", "peaks", "thumbs.jpg"):
        assert ben.client.get(f"/api/items/b/{what}").status_code == 403
        assert ben.client.get(f"/api/items/a/{what}").status_code == 403
        assert rita.client.get(f"/api/items/b/{what}").status_code == 200
    assert ann.client.get("/api/items/nothing/peaks").status_code == 404
    clock.wait(121)
    assert ann.client.get("/api/items/a/footage.mp4").status_code == 403


def test_a_reviewer_who_reads_blind_sees_no_footage_of_it(engine: Engine, clock: Clock, tmp_path: Path) -> None:
    store.add(engine, [new_item("b", "blind", clip_id="x"), new_item("t", severity=0.1, clip_id="x")])
    rita = Browser(engine, clock, tmp_path).log_in("rita")
    assert _work(rita)[0] == "b"
    for item_id in ("b", "t"):
        assert rita.client.get(f"/api/items/{item_id}/footage.mp4").status_code == 403


def test_a_page_whose_lease_has_run_out_does_not_cost_a_reviewer_their_work(
    engine: Engine, clock: Clock, tmp_path: Path
) -> None:
    store.add(engine, [new_item("s", "scratch")])
    rita = Browser(engine, clock, tmp_path).log_in("rita")
    assert _work(rita)[0] == "s"
    clock.wait(121)
    assert rita.client.get("/api/items/s/footage.mp4").status_code == 200
    assert _work(rita)[0] == "s"


def test_the_list_goes_on_where_it_was(engine: Engine, clock: Clock, tmp_path: Path) -> None:
    store.add(engine, [new_item(f"i{number}", severity=1 + number) for number in range(5)])
    store.add(engine, [new_item("s", "scratch")])
    rita = Browser(engine, clock, tmp_path).log_in("rita")
    found, after = [], None
    while True:
        query = {"limit": 2, "mode": "triage"} | ({"after": after} if after else {})
        page = rita.client.get("/api/items", params=query).json()
        found += [row["item_id"] for row in page["items"]]
        if (after := page["after"]) is None:
            break
    assert found == ["i4", "i3", "i2", "i1", "i0"]
    assert rita.client.get("/api/items", params={"after": "nonsense"}).status_code == 422
    assert rita.client.get("/api/items", params={"state": "settled"}).json()["items"] == []


def test_every_answer_tells_the_browser_what_it_may_not_do(browser: Browser) -> None:
    for path in ("/", "/pages/index.html", "/api/me", "/healthz", "/nothing"):
        headers = browser.client.get(path).headers
        policy = headers["content-security-policy"]
        assert "unsafe" not in policy
        assert "default-src 'none'" in policy
        assert headers["x-content-type-options"] == "nosniff"
    assert browser.client.get("/api/me").headers["cache-control"] == "no-store"


def test_the_page_is_sent_again_only_when_it_changed(browser: Browser) -> None:
    page = browser.client.get("/")
    assert page.headers["content-type"].startswith("text/html")
    again = browser.client.get("/", headers={"If-None-Match": page.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("name", ["../app.py", "..%2fapp.py", "%2e%2e/app.py", "nothing.js", "/etc/passwd"])
def test_nothing_but_the_page_is_served_from_disk(browser: Browser, name: str) -> None:
    assert browser.client.get(f"/pages/{name}").status_code == 404


def _behind_proxy(engine: Engine, clock: Clock, folder: Path, address: str) -> Browser:
    proxy = TrustedProxy(header="X-User", networks=(ip_network("10.0.0.0/24"),))
    return Browser(engine, clock, folder, POLICY.model_copy(update={"proxy": proxy}), address)


def test_a_trusted_proxy_says_who_it_is(engine: Engine, clock: Clock, tmp_path: Path) -> None:
    store.add(engine, [new_item("a")])
    browser = _behind_proxy(engine, clock, tmp_path, "10.0.0.7")
    browser.client.headers["X-User"] = "ben"
    me = browser.client.get("/api/me").json()
    assert me["name"] == "ben"
    assert browser.client.post("/api/next", json={}).status_code == 403
    browser.csrf = {"X-CSRF": me["csrf"]}
    assert _work(browser)[0] == "a"
    browser.client.headers["X-User"] = "ann"
    assert browser.client.post("/api/next", json={}, headers=browser.csrf).status_code == 403
    browser.client.headers["X-User"] = "stranger"
    assert browser.client.get("/api/me").status_code == 403


@pytest.mark.parametrize("address", ["10.0.1.7", "127.0.0.1", "::1", "testclient"])
def test_nobody_else_says_who_it_is(engine: Engine, clock: Clock, tmp_path: Path, address: str) -> None:
    browser = _behind_proxy(engine, clock, tmp_path, address)
    assert browser.client.get("/api/me", headers={"X-User": "ada"}).status_code == 403
    assert browser.client.get("/api/me").status_code == 401


def test_without_a_proxy_the_header_says_nothing(browser: Browser) -> None:
    assert browser.client.get("/api/me", headers={"X-User": "ada"}).status_code == 401
