"""Damaged media are a row or a failure of a known kind, and never harm the process that asks."""

from collections import Counter
from pathlib import Path

import pytest

from tests.fuzz.media import Examined, clips, damage

pytestmark = pytest.mark.golden

SEEDS = 2


def test_damaged_media_are_a_row_or_a_failure_of_a_known_kind(media: Path, tmp_path: Path) -> None:
    examined, good = Examined(), clips(media)
    assert len(good) > 10
    kinds = Counter(
        examined(damage(clip, seed, tmp_path / f"damaged{clip.suffix}")) for clip in good for seed in range(SEEDS)
    )
    examined.close()
    assert kinds["whole"]
    assert kinds["not_media"]
    assert sum(kinds.values()) == SEEDS * len(good)
