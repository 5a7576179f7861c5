"""The check is honest on films whose truth is known: it notices what is wrong of a caption, and nothing else."""

import pytest

from captioners.check import Check
from captioners.check.mutate.detection import Detections, detection_rates
from captioners.evidence import CaptionedEvidence
from infra.bench.honesty import alarms, captions_of, film

PLANTED = (
    "swapped colour", "changed count", "wrong direction", "reversed order", "shifted time", "dropped sound",
    "invented sound", "wrong word", "wrong speaker", "wrong text", "missing text", "wrong camera move",
)  # fmt: skip


@pytest.fixture(scope="module")
def rows() -> list[CaptionedEvidence]:
    return [row for seed in (61, 62) for row in captions_of(*film(seed, 30.0), 1)]


@pytest.fixture(scope="module")
def table(rows: list[CaptionedEvidence]) -> Detections:
    return detection_rates(rows, Check())


@pytest.mark.parametrize("kind", PLANTED)
def test_planted_errors_are_noticed(table: Detections, kind: str) -> None:
    (found,) = [one for one in table.kinds if one.kind == kind]
    assert found.broken >= 5
    assert found.rate is not None
    assert found.rate.value >= 0.95, found


def test_true_captions_of_films_raise_no_alarm(rows: list[CaptionedEvidence], table: Detections) -> None:
    assert table.captions == len(rows) >= 40
    assert table.false_alarm_rate is not None
    assert table.false_alarm_rate.value < 0.02, "\n".join(alarms(rows))
