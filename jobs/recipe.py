"""A recipe: one TOML file, or the defaults, that says what a corpus is made of.

Its tables are the stages themselves, field for field; nothing is typed twice.
"""

import dataclasses
import json
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal, cast

from pydantic import Field, TypeAdapter, ValidationError

from captioners.blend import Blend
from captioners.check.quiz import Quiz
from captioners.check.repair import Repair
from captioners.check.stage import Check
from captioners.check.witness import Witness
from captioners.hearing import Hear
from captioners.listen import Listen
from captioners.onscreen import Read
from captioners.render import RENDERERS
from captioners.vlm import See
from curate.encode.embed import Embed
from curate.encode.stage import Encode
from curate.errors import RecipeError, meant
from curate.fetch.fetch import Fetch
from curate.pick.policy import Policy as Pick
from curate.pick.shares import SHARES
from curate.plan.settings import PlanSettings as Plan
from curate.proxy.stage import Proxy
from curate.rate.stage import Rate
from curate.review.filling import Filling
from curate.scan.stage import Scan
from curate.score.stage import ScoreClip
from curate.split.stage import Split
from curate.subtitle.stage import Subtitles
from jobs.budget import Budget
from jobs.toml import mistakes, read_toml, refused, unknown


@dataclass(frozen=True)
class Resources:
    """What a run may use: none of it changes a row."""

    workers: Annotated[int, Field(ge=1)] | None = None  # of each job; None: what the machine or cluster has room for
    fetchers: Annotated[int, Field(ge=1)] = 1  # of fetch; the limits of fetch.web hold for all of them together
    attempts: Annotated[int, Field(ge=1)] = 3  # at a row that failed for a transient reason
    shard_bytes: Annotated[int, Field(ge=1 << 20)] = 1 << 30  # of a media shard
    gpus: dict[str, Annotated[float, Field(gt=0)]] = field(default_factory=dict)  # job -> of each of its workers
    environments: dict[str, str] = field(default_factory=dict)  # kind of worker -> folder, where not .venv-KIND
    nodes_within_s: Annotated[float, Field(ge=0)] = 0.0  # that an autoscaler may take to bring a node; 0: there is none


@dataclass(frozen=True)
class Opening:
    """How media are opened: none of it changes a row."""

    isolation: Literal["available", "required"] = "available"  # required: only where all that holds a child is there

    @property
    def isolated(self) -> bool:
        """Whether nothing is opened where a child cannot be held by everything."""
        return self.isolation == "required"


@dataclass(frozen=True)
class Evaluation:
    """A set that a model is judged by: never trained on, nor what resembles it."""

    name: Annotated[str, Field(min_length=1)]  # what it is called in `sources` and in the reasons of a cut
    sources: tuple[str, ...]  # files, folders, manifests, URLs


@dataclass(frozen=True)
class Recipe:
    """One corpus: where it comes from, and how each stage is set."""

    sources: tuple[str, ...] = ()  # files, folders, manifests, URLs
    evaluation: tuple[Evaluation, ...] = ()
    media: Opening = field(default_factory=Opening)
    fetch: Fetch = field(default_factory=Fetch)
    scan: Scan = field(default_factory=Scan)
    subtitle: Subtitles = field(default_factory=Subtitles)
    split: Split = field(default_factory=Split)
    score: ScoreClip = field(default_factory=ScoreClip)
    rate: Rate = field(default_factory=Rate)
    listen: Listen = field(default_factory=Listen)
    read: Read = field(default_factory=Read)
    see: See | None = None  # a model that sees
    hear: Hear | None = None  # a model that only hears
    caption: Blend = field(default_factory=Blend)
    quiz: Quiz | None = None  # a model that sees, and asks
    witness: Witness | None = None  # a model that sees, and judges claims
    check: Check = field(default_factory=Check)
    proxy: Proxy | None = None  # what annotators are shown; `retold review fill` makes it in any case
    repair: Repair | None = None  # a model that is asked once more about what a caption got wrong
    review: Filling = field(default_factory=Filling)
    encode: Encode = field(default_factory=Encode)
    embed: Embed | None = None  # a text encoder, that of the trainer
    pick: Pick = field(default_factory=Pick)
    plan: Plan = field(default_factory=Plan)
    resources: Resources = field(default_factory=Resources)
    budget: Budget | None = None  # where a run stops


def load(path: Path, settings: Sequence[str] = ()) -> Recipe:
    """A recipe from a file; RecipeError names each key that is wrong, and the cure."""
    return build(read_toml(path, "recipe"), settings, str(path))


def build(data: dict[str, Any], settings: Sequence[str] = (), name: str = "the recipe") -> Recipe:
    """A recipe from plain data, with `key.key=value` settings laid over it."""
    for setting in settings:
        _lay(data, setting)
    wrong = [*unknown(Recipe, data)]
    try:
        recipe = TypeAdapter(Recipe).validate_python(data)  # what is unknown is passed over
        wrong += [*_unmeasured(recipe), *_unlike(recipe), *_unembedded(recipe)]
        if not wrong:
            return recipe
    except ValidationError as error:
        wrong += mistakes(error)
    except (ValueError, RecipeError) as error:  # of what a stage asks of its own fields
        wrong.append(str(error))
    raise refused(name, wrong)


def _lay(data: dict[str, Any], setting: str) -> None:
    key, equals, value = setting.partition("=")
    if not equals:
        raise RecipeError(f"a setting is KEY=VALUE, as in split.min_us=500_000; got {setting!r}")
    *tables, last = key.strip().split(".")
    for table in tables:
        data = data.setdefault(table, {})
        if not isinstance(data, dict):
            raise RecipeError(f"{key}: {table} is not a table, so it has no {last}")
    try:
        data[last] = tomllib.loads(f"value = {value.strip()}")["value"]
    except tomllib.TOMLDecodeError:
        data[last] = value.strip()  # a bare word is a string


def _unmeasured(recipe: Recipe) -> Iterator[str]:
    """A line for each bound on what no job of the recipe measures: it would drop every clip, hours later."""
    raters = recipe.rate.raters
    known = [*recipe.score.metrics, *SHARES, *(rater.metric for rater in raters if not rater.prompts)]
    known += [f"{rater.metric}/{prompt}" for rater in raters for prompt in rater.prompts]
    for metric in dict.fromkeys(bound.metric for bound in recipe.pick.bounds):
        if metric not in known:
            yield f"pick.bounds: no job of this recipe measures {metric!r}; {meant(metric, known)}"


def _unlike(recipe: Recipe) -> Iterator[str]:
    """A line for each stage that would ask or judge by other rules than the check: what it finds would be lost."""
    for name, stage in (("quiz", recipe.quiz), ("witness", recipe.witness)):
        if stage is not None and stage.rules != recipe.check.rules:
            yield f"{name}.rules: other than check.rules; let both be alike"


def _unembedded(recipe: Recipe) -> Iterator[str]:
    """A line for each rendering that there is none of, and for what a plan would read of captions and no job makes."""
    wanted, made = recipe.plan.text_encoder, recipe.embed
    for name in made.formats.values() if made else ():
        if name not in RENDERERS:
            yield f"embed.formats: no rendering is called {name!r}; there are {', '.join(RENDERERS)}"
    if wanted is None:
        return
    if made is None or made.model.name != wanted:
        there = "it has no table [embed]" if made is None else f"[embed] has {made.model.name!r}"
        yield f"plan.text_encoder: nothing in this recipe embeds captions by {wanted!r}; {there}"
    else:
        for share in recipe.plan.shares:
            if share.share and share.variant not in made.variants:
                yield f"plan.shares: embed.variants has no {share.variant!r}"


def render(recipe: Recipe) -> dict[str, Any]:
    """The whole recipe, defaults filled in, as plain data."""
    return cast(dict[str, Any], _shown(recipe, json.loads(TypeAdapter(Recipe).dump_json(recipe))))


def _shown(value: object, data: Any) -> Any:
    """The data without what a dataclass does not show of itself, such as secrets."""
    if dataclasses.is_dataclass(value):
        shown = [f.name for f in dataclasses.fields(value) if f.repr]
        return {name: _shown(getattr(value, name), data[name]) for name in shown}
    return data


def schema() -> dict[str, Any]:
    """The JSON schema of a recipe."""
    return TypeAdapter(Recipe).json_schema()
