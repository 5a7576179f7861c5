"""Which clips a report shows in full, of a corpus too large to show."""

import polars as pl

from curate.rate.rating import Rater
from curate.rate.stage import Rate
from curate.report.report import Copy, Group
from jobs.recipe import Recipe
from jobs.report import duplicate_groups, meanings, sample


def picked(rows: list[tuple[str, str | None, str | None]]) -> pl.LazyFrame:
    """rows: clip, the rule that dropped it, its group."""
    schema = {"clip_id": pl.String, "reason": pl.String, "group": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row").lazy()


def test_every_outcome_is_in_the_sample_however_rare() -> None:
    rows = [(f"kept{i:04}", None, None) for i in range(3000)] + [(f"dark{i:04}", "dark", None) for i in range(900)]
    picks = picked([*rows, ("odd", "licence not allowed", None)])
    shown = sample(picks.select("clip_id"), picks, [], 21)
    assert shown == sorted(shown)
    assert sorted(name.rstrip("0123456789") for name in shown) == ["dark"] * 10 + ["kept"] * 10 + ["odd"]
    assert shown == sample(picks.select("clip_id").reverse(), picks.reverse(), [], 21)


def test_what_is_asked_for_comes_first() -> None:
    picks = picked([(f"{i:04}", None, None) for i in range(100)])
    assert {"0007", "0099"} <= set(sample(picks.select("clip_id"), picks, ["0007", "0099"], 2))


def test_a_small_corpus_is_shown_whole_also_where_nothing_was_picked() -> None:
    clips = pl.LazyFrame({"clip_id": ["b", "a"]})
    assert sample(clips, picked([]), [], 200) == ["a", "b"]


def test_the_largest_groups_come_first_and_leave_room_for_others() -> None:
    twins = [(f"twin{i}", None if i == 1 else "duplicate: smaller picture", "twin1") for i in range(3)]
    many = [(f"many{i:02}", None if i == 0 else "duplicate: shorter", "many00") for i in range(40)]
    groups = duplicate_groups(picked([*many, *twins, ("alone", None, "alone"), ("free", None, None)]), 40)
    assert (groups.groups, groups.copies) == (2, 41)
    assert [(group.keeper, len(group.copies), group.clips) for group in groups.shown] == [
        ("many00", 5, 40), ("twin1", 2, 3),
    ]  # fmt: skip
    copies = (Copy("twin0", "duplicate: smaller picture"), Copy("twin2", "duplicate: smaller picture"))
    assert groups.shown[1] == Group("twin1", copies, 3)
    held = [("mine", "resembles evaluation set s", "held"), ("held", "in evaluation set s", "held")]
    assert [group.reason for group in duplicate_groups(picked([*twins, *held]), 40).shown] == [
        None,
        "in evaluation set s",
    ]
    assert len(duplicate_groups(picked([*many, *twins]), 12).shown) == 1


def test_every_metric_of_a_recipe_says_what_it_means() -> None:
    prompts, model = ("a cat", "a dog"), "weights"
    raters = (Rater("clip", "a" * 64, model, prompts=prompts), Rater("nsfw", "b" * 64, model, labels=("x",)))
    recipe = Recipe(rate=Rate(raters=raters))
    said = meanings(recipe)
    assert set(said) == {*recipe.score.metrics, "clip/a cat", "clip/a dog", "nsfw"}
    assert "pixels per second" in said["camera"]
    assert "cosine" in said["clip/a cat"]
    assert all(len(text) > 20 and "`" not in text for text in said.values())
