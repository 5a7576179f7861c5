"""What a pilot on a quarter of some small films says of all of them, held against all of them."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from curate.errors import RecipeError, UsageError
from curate.fetch.add import sources_from
from curate.prices import Prices
from jobs.cli import main
from jobs.estimate import Estimate, Figure, estimate
from jobs.pilot import Pilot
from jobs.prices import load_prices
from jobs.recipe import Recipe, build
from jobs.session import Session, open_session
from jobs.show import JsonLines
from jobs.tally import Whole
from tests.encode.clips import film

FILMS, PILOT = 32, 8
SIZES = "encode.sizes=[[32,64]]"
JOBS = ("fetch", "scan", "split", "encode")
PRICES = Prices("EUR", cpu_hour=3600.0, storage_gib_month=2.0**30, put_1000=1000.0, get_1000=1000.0)


def recipe() -> Recipe:
    return build({}, [SIZES])


def session(uri: str, pilot: Pilot | None = None) -> Session:
    return open_session(uri, recipe(), "inline", JsonLines(), pilot=pilot)


def estimated(uri: str, whole: Whole = Whole(), prices: Prices | None = None) -> Estimate:  # noqa: B008  frozen
    return estimate(session(uri).snapshot, recipe(), whole, prices)


def figures(found: Estimate) -> dict[str, Figure]:
    return {figure.name: figure for figure in found.figures}


@dataclass(frozen=True)
class Told:
    """What was estimated before the latents of the pilot, after them, and when all was done."""

    uri: str
    before: Estimate
    pilot: Estimate
    whole: Estimate


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    root = tmp_path_factory.mktemp("estimated")
    lengths = np.random.default_rng(7).choice([0.2, 0.3, 0.4, 0.5], FILMS)
    (root / "films").mkdir()
    for number, length in enumerate(lengths):
        film(root / "films" / f"{number:02d}.mkv", length)
    (root / "films" / "bad.mkv").write_text("no film")
    uri = str(root / "lake")
    opened = session(uri, Pilot(PILOT))
    found = sources_from(str(root / "films"), opened.adding(), lambda *_: None)
    # ids that do not depend on the folder: the pilot is of the same films each time
    opened.lake.append("sources", [replace(one, source_id=_digest(Path(one.uri).name)) for one in found])
    opened.run(JOBS[:-1])
    before = estimated(uri)
    opened.run(JOBS)
    pilot = estimated(uri, prices=PRICES)
    session(uri).run(JOBS)
    return Told(uri, before, pilot, estimated(uri, prices=PRICES))


def test_a_pilot_of_a_quarter_holds_the_whole(told: Told) -> None:
    assert (told.pilot.sources, told.pilot.whole, told.whole.sources) == (PILOT, FILMS + 1, FILMS + 1)
    known = figures(told.whole)
    assert figures(told.pilot)["media"].low is None  # all of the pilot are films, which says nothing of one that is not
    for name in ("video", "fetched", "stored: media", "stored: latents", "read from the lake"):
        guess = figures(told.pilot)[name]
        assert guess.low is not None
        assert guess.high is not None
        assert guess.low <= known[name].value <= guess.high, name
        assert guess.high < 2.5 * guess.low


def test_what_is_done_is_told_as_it_is(told: Told) -> None:
    lake = session(told.uri).lake
    known = figures(told.whole)
    assert all(figure.low == figure.high == pytest.approx(figure.value) for figure in told.whole.figures)
    media = lake.scan("media").filter(pl.col("outputs") > 0).collect()
    assert known["fetched"].value == media["size_bytes"].sum()
    assert known["failed in fetch"].value == 1
    latents = lake.scan("latents").filter(pl.col("outputs") > 0).collect()
    assert known["stored: latents"].value == latents["blob"].struct.field("length").sum()
    spent = lake.scan("runs").select("cpu_s", "bytes_read").sum().collect()
    assert known["CPU"].value * 3600 == pytest.approx(spent["cpu_s"].item())
    assert known["read from the lake"].value == pytest.approx(spent["bytes_read"].item())
    held = sum(file.stat().st_size for name in ("media", "strips", "clips", "latents") for file in _rows(told, name))
    assert known["stored: tables"].value == pytest.approx(held)


def _digest(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()


def _rows(told: Told, table: str) -> list[Path]:
    return list((Path(told.uri) / table).glob("fingerprint=*/*.parquet"))


def test_latents_that_nobody_has_encoded_are_told_by_arithmetic(told: Told) -> None:
    guess, found = figures(told.before)["stored: latents"], figures(told.pilot)["stored: latents"]
    assert (guess.basis, found.basis) == ("arithmetic", "pilot")
    a_frame = 80 * 2  # of sound, that the embedded transform gives more of each clip
    assert found.value - guess.value == pytest.approx((FILMS + 1) * a_frame)
    assert any("encode" in note for note in told.before.notes)


def test_money_is_what_the_parts_cost(told: Told) -> None:
    known = figures(told.whole)
    requests = known["GET"].value + known["PUT"].value
    assert known["once"].value == pytest.approx(known["CPU"].value * 3600 * 1.0 + requests)
    assert known["each month"].value == pytest.approx(known["stored"].value)


def test_another_whole_is_told_in_proportion(told: Told) -> None:
    known, double = figures(told.whole), figures(estimated(told.uri, Whole(sources=2 * (FILMS + 1))))
    assert double["clips"].value == pytest.approx(2 * known["clips"].value)
    assert double["fetched"].low is not None
    assert double["fetched"].low < double["fetched"].value
    by_bytes = figures(estimated(told.uri, Whole(size_bytes=3 * known["fetched"].value)))
    assert by_bytes["fetched"].value == pytest.approx(3 * known["fetched"].value)
    assert by_bytes["clips"].value == pytest.approx(3 * known["clips"].value)


def test_the_command_tells_it_in_lines_and_as_a_table(
    told: Told, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sheet = tmp_path / "prices.toml"
    sheet.write_text('currency = "EUR"\ncpu_hour = 3600\n')
    asked = ["estimate", "--lake", told.uri, "--set", SIZES, "--prices", str(sheet)]
    out = _said(capsys, [*asked, "--json"])
    lines = [json.loads(line) for line in out.splitlines()]
    told_of: Mapping[str, Mapping[str, object]] = {str(line["figure"]): line for line in lines if "figure" in line}
    assert told_of["clips"]["value"] == figures(told.whole)["clips"].value
    assert told_of["once"]["basis"] == "prices"
    out = _said(capsys, [*asked, "--for", "1000"])
    assert "1,000 sources, by 33 of them" in out
    assert "once (EUR)" in out
    assert "not run on the sample, so what it would use is not in these figures: subtitle" in out


def _said(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> str:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert not ended.value.code
    return capsys.readouterr().out


def test_a_lake_without_a_pilot_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="retold run --pilot 300"):
        estimated(str(tmp_path / "lake"))


def test_a_sheet_with_an_unknown_key_is_refused_by_its_name(tmp_path: Path) -> None:
    sheet = tmp_path / "prices.toml"
    sheet.write_text("cpu_hours = 1\n")
    with pytest.raises(RecipeError, match="cpu_hours: unknown key; did you mean 'cpu_hour'"):
        load_prices(sheet)
    sheet.write_text('cpu_hour = "dear"\n')
    with pytest.raises(RecipeError, match="cpu_hour: Input should be a valid number"):
        load_prices(sheet)


def test_the_example_of_a_sheet_is_one() -> None:
    example = load_prices(Path(__file__).resolve().parents[2] / "infra" / "prices" / "example.toml")
    assert example.currency
    assert example.gpu in example.gpu_hour
