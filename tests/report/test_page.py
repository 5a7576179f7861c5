"""The page stands alone, shows what the rows say, and nothing of the rows can act in it."""

import re
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256
from html.parser import HTMLParser

import pytest

from curate.report.overview import histograms
from curate.report.page import render_report
from curate.report.report import FailedRow, FailureGroup, MediaPage, Report
from schemas.clip import Score
from tests.report.rows import DENSE, corpus, film_page, small, still_page, tables

HOSTILE = """</script></style></title><script>alert(1)</script><img src=x onerror="alert(2)">'"{{ 7 * 7 }}"""
VOID = {"meta", "input", "img", "br", "hr", "link", "col"}


class Page(HTMLParser):
    """Tags, attributes and text of a page; fails on a tag that is closed in the wrong place."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open[-1] != tag and self.open[-1] in {"th", "li", "p"}:
            self.open.pop()
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag, f"</{tag}> is in the wrong place at {self.getpos()}"

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] not in {"script", "style"}:
            self.text += data

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture(scope="module")
def html() -> str:
    return render_report(small())


@pytest.fixture(scope="module")
def page(html: str) -> Page:
    return Page(html)


def poisoned() -> Report:
    """Every text that can come from outside is hostile."""
    first = film_page("aaaa1111", [(0, 4_000_000), (4_000_000, 9_000_000)], 1)
    one = first.clips[1]
    assert one.pick is not None
    caption, bad = one.captions[0], HOSTILE
    clip = replace(
        one,
        scores=(*one.scores, Score(one.clip.clip_id, bad, 1.0, bad)),
        sounds=tuple(replace(s, text=bad, label=bad, speaker=bad, key=bad, engine=bad) for s in one.sounds),
        texts=tuple(replace(t, text=bad, engine=bad) for t in one.texts),
        captions=(
            replace(
                caption, dense=bad, medium=bad, short=bad, tags=(bad,), captioner=bad, model=bad, language=bad,
                claims=tuple(replace(c, text=bad, evidence=(bad,)) for c in caption.claims),
            ),
        ),
        verdicts=tuple(
            replace(v, failed=tuple(replace(f, question=bad, truth=bad, answer=bad, axis=bad) for f in v.failed))
            for v in one.verdicts
        ),
        pick=replace(one.pick, reason=bad, reasons=(bad, bad + "2"), bucket=bad),
    )  # fmt: skip
    assert first.source is not None
    assert first.media.picture is not None
    source = replace(first.source, uri=bad, title=bad, licence=bad)
    media = replace(first.media, picture=replace(first.media.picture, codec=bad))
    made = corpus((MediaPage(media, source, first.strip, first.spans, (first.clips[0], clip)),))
    failures = (FailureGroup(bad, bad, bad, 3, (FailedRow(bad, bad),)),)
    return replace(made, title=bad, lake=bad, cut=bad, failures=failures)


def test_logins_and_signatures_of_urls_are_not_in_the_page() -> None:
    first = small().media[0]
    assert first.source is not None
    source = replace(first.source, uri="https://user:hunter2@example.org/a.mp4?Signature=hunter3", title=None)
    page = render_report(corpus((replace(first, source=source),)))
    assert "https://example.org/a.mp4?Signature=…" in page
    assert "hunter" not in page


def test_the_page_is_well_formed(page: Page) -> None:
    assert page.open == []
    assert page.all("html")


def test_nothing_is_fetched_from_anywhere(html: str, page: Page) -> None:
    sources = [attrs[name] for _, attrs in page.tags for name in ("src", "href", "srcset", "data") if name in attrs]
    assert sources
    assert all(source.startswith(("data:image/", "#")) for source in sources)
    assert all(
        target.startswith("data:image/") for target in re.findall(r"url\(\"?([^)\"]*)", html.partition("<script>")[0])
    )
    assert "@import" not in html
    assert not page.all("link")


def test_only_the_own_script_may_run(html: str, page: Page) -> None:
    script = html[html.index("<script>") + len("<script>") : html.index("</script>")]
    policy = next(attrs["content"] for attrs in page.all("meta") if "http-equiv" in attrs)
    assert f"script-src 'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'" in policy
    assert "default-src 'none'" in policy


def test_hostile_text_stays_text() -> None:
    html = render_report(poisoned())
    page = Page(html)
    assert len(page.all("script")) == 1
    assert all("onerror" not in attrs for _, attrs in page.tags)
    assert all(attrs["src"].startswith("data:image/jpeg") for attrs in page.all("img") if "data-of" not in attrs)
    assert page.text.count(HOSTILE) > 20
    assert "alert(1)</script>" not in html


def test_every_clip_is_a_section_with_its_picture_and_timeline(page: Page) -> None:
    clips = [attrs["id"] for attrs in page.all("article")]
    assert clips == [f"clip-{n}" for n in range(1, 8)]
    assert len([one for one in page.all("img") if "data-of" not in one]) == 7
    assert sum("plots" in attrs.get("class", "") for attrs in page.all("div")) == 6  # the still has none


def test_captions_claims_words_and_reasons_are_shown(page: Page) -> None:
    for said in (
        DENSE,
        "A knock is heard.",
        "OPEN TODAY",
        "motion below 2",
        "near-duplicate",
        "little",
        "120 bpm · A minor",
    ):
        assert said in page.text
    assert "Which is heard first, the knock or the tone?" in page.text
    assert "could not tell" in page.text


def test_near_duplicates_stand_side_by_side_the_kept_one_first(page: Page) -> None:
    twins = [attrs for attrs in page.all("a") if "twin" in attrs.get("class", "")]
    assert [(one["href"], one["class"]) for one in twins] == [("#clip-1", "twin kept"), ("#clip-4", "twin dropped")]
    assert [one["data-of"] for one in page.all("img") if "data-of" in one] == ["clip-1", "clip-4"]
    assert "57 copies in 41 groups" in page.text
    assert "duplicate: smaller picture" in page.text
    assert "and 1 more" in page.text


def test_the_wall_shows_each_clip_without_its_picture_twice(html: str, page: Page) -> None:
    peeks = [attrs for attrs in page.all("a") if "peek" in attrs.get("class", "")]
    assert [one["href"] for one in peeks] == [f"#clip-{n}" for n in range(1, 8)]
    assert [one["class"] for one in peeks[:2]] == ["peek kept", "peek dropped"]
    assert "motion below 2" in peeks[1]["aria-label"]
    assert html.count("data:image/jpeg") == 7


def test_scores_say_what_they_mean_and_one_value_has_no_axis() -> None:
    report = small()
    clips = [one for media in report.media for one in media.clips]
    scores = [
        Score(one.clip.clip_id, name, value, None) for one in clips for name, value in (("fps", 25.0), ("odd", 3.0))
    ]
    held = histograms(tables(scores=scores).scores, report.limits)
    html = render_report(replace(report, overview=replace(report.overview, histograms=held)))
    fps = html.partition("<figcaption>fps</figcaption>")[2].partition("</figure>")[0]
    assert "<svg" not in fps
    assert "25 <small>in all 7 clips</small>" in fps
    assert "Frames per second over the clip." in fps
    assert 'class="meaning"' not in html.partition("<figcaption>odd</figcaption>")[2].partition("</figure>")[0]


def test_the_policy_stands_beside_the_scores_also_where_it_refuses_nothing() -> None:
    report = small()
    scores = [Score(one.clip.clip_id, "sharpness", 50.0, None) for media in report.media for one in media.clips]
    held = histograms(tables(scores=scores).scores, report.limits)
    html = render_report(replace(report, overview=replace(report.overview, histograms=held)))
    drawn = html.partition("<figcaption>sharpness</figcaption>")[2].partition("</figure>")[0]
    assert 'class="spread"' in drawn
    assert "policy: ≥ 40" in drawn


def test_the_yield_says_what_each_rule_alone_costs(html: str) -> None:
    for rule, clips, held, alone in (("motion below 2", 3, 3, 0), ("near-duplicate", 0, 3, 0)):
        row = html.partition(f">{rule}</button>")[2].partition("</tr>")[0]
        assert re.findall(r">([\d,]+)</td>", row) == [str(clips), str(held), str(alone)]


def test_a_score_beyond_the_policy_is_marked() -> None:
    report = small()
    media = report.media[0]
    one = media.clips[0]
    dull = replace(one, scores=(Score(one.clip.clip_id, "sharpness", 3.0, None),))
    html = render_report(replace(report, media=(replace(media, clips=(dull,)),)))
    assert html.count('class="refused-row"') == 1
    fine = replace(one, scores=(Score(one.clip.clip_id, "sharpness", 300.0, None),))
    assert 'class="refused-row"' not in render_report(replace(report, media=(replace(media, clips=(fine,)),)))


def test_a_clip_without_frames_captions_or_pick_says_so() -> None:
    media = still_page("cccc3333")
    bare = replace(media.clips[0], sheet=None, pick=None, texts=())
    html = render_report(corpus((replace(media, source=None, clips=(bare,)),)))
    assert "could not be read" in html
    assert "Not captioned." in html
    assert 'data-state="open"' in html


def test_the_scores_of_a_clip_without_captions_stand_in_three_columns_each_once() -> None:
    media = film_page("aaaa1111", [(0, 4_000_000)], 1)
    bare = replace(media.clips[0], captions=(), verdicts=())
    page = Page(render_report(corpus((replace(media, clips=(bare,)),))))
    assert [attrs["class"] for attrs in page.all("table")].count("scores") == 3
    assert all(page.text.count(f"{score.metric}\n") == 2 for score in bare.scores)  # in the overview and with the clip
    with_captions = Page(render_report(corpus((media,))))
    assert [attrs["class"] for attrs in with_captions.all("table")].count("scores") == 1


def test_an_empty_lake_has_a_report() -> None:
    report = replace(corpus(()), runs=(), failures=(), cut=None)
    page = Page(render_report(report))
    assert page.open == []
    assert not page.all("article")


def test_the_same_report_is_rendered_to_the_same_bytes(html: str) -> None:
    assert render_report(small()) == html


def test_a_clip_of_no_length_and_a_score_that_is_no_number_are_drawn() -> None:
    media = still_page("cccc3333")
    one = media.clips[0]
    odd = replace(
        one,
        clip=replace(one.clip, start_us=0, end_us=0, still=False),
        scores=(Score(one.clip.clip_id, "sharpness", float("nan"), None),),
    )
    page = Page(render_report(corpus((replace(media, spans=(odd.clip,), clips=(odd,)),))))
    assert "not a number" in page.text
