"""Gold captions: one known error among the claims, nothing that tells of it beside it."""

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


def test_the_same_seed_plants_the_same_error() -> None:
    row = captioned(random_evidence(3))
    assert gold(row, Rules(), 1) == gold(row, Rules(), 1)
