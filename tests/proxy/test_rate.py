"""Which rate a proxy has."""

from fractions import Fraction

import pytest

from curate.proxy.rate import USUAL, proxy_rate


@pytest.mark.parametrize("rate", USUAL)
def test_a_usual_rate_is_kept(rate: Fraction) -> None:
    assert proxy_rate(float(rate)) == rate


@pytest.mark.parametrize(
    ("fps", "rate"),
    [
        (23.98, Fraction(24000, 1001)), (30.01, Fraction(30)), (29.83, Fraction(30000, 1001)), (12.5, Fraction(25)),
        (10.0, Fraction(30)), (15.0, Fraction(30)), (20.0, Fraction(60)), (1.0, Fraction(24)), (120.0, Fraction(60)),
        (119.88, Fraction(60000, 1001)), (100.0, Fraction(50)), (240.0, Fraction(60)), (1000.0, Fraction(50)),
        (27.5, Fraction(30000, 1001)), (45.0, Fraction(50)), (0.0, Fraction(25)), (None, Fraction(25)),
    ],
)  # fmt: skip
def test_another_is_brought_to_one_that_holds_or_drops_evenly(fps: float | None, rate: Fraction) -> None:
    assert proxy_rate(fps) == rate


def test_no_rate_is_over_60() -> None:
    assert max(proxy_rate(fps / 7) for fps in range(1, 10_000)) == 60
    assert proxy_rate(90_000.0) <= 60
