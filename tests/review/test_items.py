"""Rows of the lake become items, and decisions become rows again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.review.decisions import review
from curate.review.items import content, item_id, new_item, share_of
from curate.review.value import value
from curate.review.wire import ClaimWork, Content, Decided, Draft, Status
from tests.review.rows import checked, proxy


def _content(seed: int = 0) -> Content:
    row, verdict = checked(seed)
    return content(row.caption, proxy(row.evidence.clip), verdict.failed)


def _decided(about: Content, claims: tuple[ClaimWork, ...]) -> Decided:
    return Decided(
        number=1, item_id="i" * 24, revision=2, mode="triage", decision="caption", reason=None, settled_by="one",
        reviewers=("ann",), content=about, claims=claims, notes=(), started_us=1, submitted_us=2, active_ms=3,
    )  # fmt: skip


def _work(about: Content, at: int, status: Status, text: str | None = None) -> ClaimWork:
    shown = about.claims[at]
    return ClaimWork(
        claim_id=shown.claim_id, status=status, facet=shown.facet, start_us=shown.start_us, end_us=shown.end_us,
        text=shown.text if text is None else text, error_kind="word" if status in ("wrong", "edited") else None,
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(12))
def test_an_item_has_every_claim_but_those_of_single_words(seed: int) -> None:
    row, _ = checked(seed)
    shown = {claim.text for claim in _content(seed).claims}
    left_out = [claim for claim in row.caption.claims if claim.text not in shown]
    assert all(claim.text.startswith("The word ") for claim in left_out)
    said = [claim for claim in row.caption.claims if claim.facet == "speech"]
    assert not said or any(claim.text in shown for claim in said)


def test_ids_are_the_same_for_the_same_caption_and_tell_nothing_of_the_kind() -> None:
    about, worth = _content(), value(checked(0)[1], 0, {})
    real, gold = new_item("triage", about, worth), new_item("triage", about, worth, planted=())
    assert real.item_id == item_id(about.caption_id, "triage") != gold.item_id
    assert len(real.item_id) == len(gold.item_id) == 24


@given(st.text(), st.text())
def test_a_draw_is_a_share(clip: str, what: str) -> None:
    assert 0 <= share_of(clip, what) < 1


def test_a_decision_keeps_what_was_before_and_what_came_after() -> None:
    about = _content()
    added = ClaimWork(
        claim_id="+1", status="added", facet="event", start_us=1, end_us=2, text="A dog barks.", critique="not told"
    )
    found = review(
        _decided(
            about,
            (_work(about, 0, "right"), _work(about, 1, "wrong"), _work(about, 2, "edited", "So."), added),
        )
    )
    assert [(one.status, one.before, one.after) for one in found.judgements] == [
        ("right", about.claims[0].text, about.claims[0].text),
        ("wrong", about.claims[1].text, None),
        ("edited", about.claims[2].text, "So."),
        ("added", None, "A dog barks."),
    ]
    assert found.review_id == f"{'i' * 24}#2@2"
    assert found.before == about.dense


def test_decisions_of_two_queues_about_one_item_are_two_reviews() -> None:
    """Revisions of each queue, and annotations of each project of Label Studio, are counted from 1."""
    about = _content()
    ours = _decided(about, (_work(about, 0, "right"),))
    theirs = ours.model_copy(update={"submitted_us": ours.submitted_us + 1, "reviewers": ("ben",)})
    assert review(ours).review_id != review(theirs).review_id
    assert review(ours).review_id == review(ours).review_id


def test_what_nobody_looked_at_is_not_judged() -> None:
    about = _content()
    assert review(_decided(about, (_work(about, 0, "unseen"),))).judgements == ()


def test_a_claim_that_the_machine_never_made_cannot_be_right() -> None:
    about = _content()
    stranger = _work(about, 0, "right").model_copy(update={"claim_id": "x"})
    with pytest.raises(ValueError, match="claim x is right"):
        review(_decided(about, (stranger,)))


def test_a_draft_of_a_stranger_is_refused() -> None:
    with pytest.raises(ValueError, match="extra"):
        Draft.model_validate({"claims": [], "more": 1})
