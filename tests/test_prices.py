import pytest

from curate.errors import RecipeError
from curate.prices import Prices, Used

USED = Used[float](
    cpu_s=7200, gpu_s=1800, gets=3000, puts=500, read_bytes=2 << 30, tokens_in=2e6, tokens_out=1e6
)  # fmt: skip


def test_every_price_counts_what_it_is_of() -> None:
    assert Prices(cpu_hour=0.5).of(USED) == pytest.approx(1.0)
    assert Prices(gpu_hour={"small": 4.0}).of(USED) == pytest.approx(2.0)
    assert Prices(gpu_hour={"small": 4.0, "large": 8.0}, gpu="large").of(USED) == pytest.approx(4.0)
    assert Prices(get_1000=0.1, put_1000=1.0).of(USED) == pytest.approx(0.8)
    assert Prices(egress_gib=0.25).of(USED) == pytest.approx(0.5)
    assert Prices(tokens_in_million=1.0, tokens_out_million=3.0).of(USED) == pytest.approx(5.0)
    assert Prices(storage_gib_month=9.0).of(USED) == 0


def test_a_sheet_that_cannot_be_is_refused_by_name() -> None:
    with pytest.raises(RecipeError, match="cpu_hour is -1"):
        Prices(cpu_hour=-1)
    with pytest.raises(RecipeError, match="small is -2"):
        Prices(gpu_hour={"small": -2})
    with pytest.raises(RecipeError, match=r"prices.gpu: say which of small, large"):
        Prices(gpu_hour={"small": 4.0, "large": 8.0})
    with pytest.raises(RecipeError, match=r"gpu_hour has no 'h100'; it has small"):
        Prices(gpu_hour={"small": 4.0}, gpu="h100")
