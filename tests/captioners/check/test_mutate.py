"""Errors that are put into captions are noticed; true captions raise no alarm."""

from random import Random

import pytest

from captioners.check import Check, Rules
from captioners.check.mutate import MUTATIONS, Victim, broken
from captioners.check.mutate.detection import Detections, detection_rates
from captioners.evidence import Evidence
from tests.captioners.check.other_voice import retold
from tests.captioners.evidences import captioned, clip, known_evidence, media, random_evidence

CLIPS = 24


@pytest.fixture(scope="module", params=["own voice", "other voice"])
def table(request: pytest.FixtureRequest) -> Detections:
    seeds = range(CLIPS)
    if request.param == "own voice":
        return detection_rates((captioned(random_evidence(seed)) for seed in seeds), Check())
    return detection_rates((retold(random_evidence(seed), seed) for seed in seeds), Check())


def test_each_kind_of_error_is_noticed_on_its_own_axis(table: Detections) -> None:
    assert {row.kind for row in table.kinds} == set(MUTATIONS)
    for row in table.kinds:
        assert row.broken > 0, row
        assert row.rate is not None
        assert row.rate >= 0.95, row


def test_there_are_no_false_alarms(table: Detections) -> None:
    assert table.captions == CLIPS
    assert table.false_alarm_rate == 0.0


@pytest.mark.parametrize("kind", MUTATIONS)
def test_a_mutation_changes_the_prose_and_nothing_else_of_the_row(kind: str) -> None:
    row = captioned(known_evidence())
    mutant = broken(Victim(row, Rules(), Random(1)), MUTATIONS[kind])  # noqa: S311  the same error for the same seed
    assert mutant is not None
    assert mutant.caption.dense != row.caption.dense
    assert mutant.caption.record == row.caption.record
    assert mutant.caption.caption_id == row.caption.caption_id


@pytest.mark.parametrize("kind", MUTATIONS)
def test_where_there_is_nothing_to_break_nothing_is_broken(kind: str) -> None:
    row = captioned(Evidence(clip(), media(audio=True), (), None, None))
    assert broken(Victim(row, Rules(), Random(1)), MUTATIONS[kind]) is None  # noqa: S311  as above


def test_a_blind_check_detects_nothing() -> None:
    """The rates are of the check, not of the mutations: rules that ask of nothing break nothing."""
    bare = Evidence(clip(), media(), (), None, None)
    table = detection_rates([captioned(bare)], Check())
    assert all(row.broken == 0 and row.rate is None for row in table.kinds)
