"""Gold captions: one known error among the claims, nothing that tells of it beside it."""

import re

from captioners.check import Rules
from captioners.check.gold import gold
from tests.captioners.evidences import captioned, random_evidence


def test_each_error_is_where_gold_says_that_it_is() -> None:
    kinds = set()
    for seed in range(40):
        row = captioned(random_evidence(seed))
        made = gold(row, Rules(), seed)
        before = {claim.text for claim in row.caption.claims}
        assert made.errors
        for error in made.errors:
            kinds.add(error.kind)
            if error.claim is None:
                assert len(made.caption.claims) < len(row.caption.claims)
            else:
                assert made.caption.claims[error.claim].text not in before
        wrong = {error.claim for error in made.errors}
        rest = [claim.text for at, claim in enumerate(made.caption.claims) if at not in wrong]
        assert set(rest) <= before
    assert {"invented sound", "wrong text", "swapped colour"} <= kinds


def test_ids_do_not_tell_that_a_claim_was_taken_out() -> None:
    for seed in range(40):
        caption = gold(captioned(random_evidence(seed)), Rules(), seed).caption
        assert [claim.claim_id for claim in caption.claims] == [
            f"{caption.caption_id}#{at}" for at in range(len(caption.claims))
        ]


def test_the_place_of_a_claim_does_not_tell_that_its_time_is_wrong() -> None:
    """A claim is played from where it says that it is, a planted one too."""
    kinds = set()
    for seed in range(50):
        row = captioned(random_evidence(seed))
        made = gold(row, Rules(), seed)
        clip_us = row.evidence.clip.start_us
        for error in made.errors:
            if error.claim is None or error.kind not in {"shifted time", "invented sound"}:
                continue
            claim = made.caption.claims[error.claim]
            times = re.findall(r"(?:at|from) (\d+\.\d\d) s", re.sub(r"“[^”]*”|\"[^\"]*\"", "", claim.text))
            if len(times) == 1:
                kinds.add(error.kind)
                assert abs((claim.start_us - clip_us) / 1e6 - float(times[0])) < 0.02, claim
                assert claim.start_us <= claim.end_us <= row.evidence.clip.end_us + 2_000_000
    assert kinds == {"shifted time", "invented sound"}


def test_the_same_seed_plants_the_same_error() -> None:
    row = captioned(random_evidence(3))
    assert gold(row, Rules(), 1) == gold(row, Rules(), 1)
