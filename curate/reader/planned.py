"""A stored plan: what it was made of, and what it would cost to read."""

from dataclasses import dataclass
from functools import cached_property

import polars as pl

from curate.errors import UsageError
from curate.prices import Prices
from curate.reader.lake import Lake
from curate.reader.outline import Outline, outline
from curate.reader.summary import Summary, summary
from curate.reader.tables import Tables
from curate.reader.texts import empty_text
from schemas.plan import PlanRecord
from schemas.row import from_table


@dataclass(frozen=True)
class Planned:
    """One plan of a lake."""

    lake: Lake
    plan_hash: str

    @classmethod
    def named(cls, lake: Lake, name: str | None) -> "Planned":
        """The plan whose hash begins with these digits; None: the only one there is."""
        tables = Tables.opened(lake.stored)
        plans = sorted(tables["plan_records"].select(pl.col("plan_hash").unique()).collect().to_series())
        found = [plan for plan in plans if plan.startswith(name or "")]
        if len(found) != 1:
            known = ", ".join(plan[:12] for plan in plans) or "none: run `retold plan`"
            wanted = "a plan must be named" if name is None else f"{len(found)} plans begin with {name!r}"
            raise UsageError(f"{wanted}; {lake.uri} has {known}")
        planned = cls(lake, found[0])
        planned.__dict__["tables"] = tables
        return planned

    def __getstate__(self) -> dict[str, object]:
        """Open tables stay with their process."""
        return {name: value for name, value in self.__dict__.items() if name != "tables"}

    @cached_property
    def tables(self) -> Tables:
        return Tables.opened(self.lake.stored)

    @cached_property
    def record(self) -> PlanRecord:
        found = self._record(self.plan_hash)
        if found is None:
            raise UsageError(f"plan {self.plan_hash} has no record: run `retold plan` again")
        return found

    @cached_property
    def outline(self) -> Outline:
        return outline(self.tables, self.plan_hash, self.record.steps)

    @cached_property
    def empty_text(self) -> pl.DataFrame | None:
        """Where the empty text lies as the plan's text encoder reads it."""
        encoder = self.record.text_encoder
        return None if encoder is None else empty_text(self.tables, encoder)

    def slots(self) -> pl.LazyFrame:
        return self.tables["plans"].filter(pl.col("plan_hash") == self.plan_hash)

    def summary(self, prices: Prices | None = None) -> Summary:
        """What the plan adds up to; money by a sheet of prices."""
        return summary(self.lake, self.record, self.slots(), prices)

    def clip_of(self, size_bytes: int) -> str:
        """A clip whose sample has so many bytes."""
        return str(self.slots().filter(pl.col("bytes") == size_bytes).select("clip_id").first().collect().item())

    def check_encoders(self, *, picture: str | None, sound: str | None, text: str | None) -> None:
        """UsageError where the plan is of another encoder than the trainer is made for; None: any."""
        made = self.record
        asked = {
            "VAE": (picture, made.picture_encoder),
            "sound encoder": (sound, made.sound_encoder),
            "text encoder": (text, made.text_encoder),
        }
        for what, (wanted, is_of) in asked.items():
            if wanted is not None and wanted not in {is_of, _name(is_of)}:
                raise UsageError(
                    f"the {what} differs: the trainer asks for {wanted}, plan {self.plan_hash[:12]} has {is_of}"
                )

    def other(self, plan_hash: str) -> str:
        """What to say of a checkpoint of another plan: which of data, encoders and settings differ, and how."""
        head = f"the checkpoint was made with plan {plan_hash}, this loader reads plan {self.plan_hash}"
        theirs = self._record(plan_hash)
        if theirs is None:
            differ = f"that plan is not in {self.lake.uri}: other data, captions, latents or settings"
        else:
            ours = _made_of(self.record)
            differ = "; ".join(
                f"the {what} differs: the checkpoint has {value}, the loader {ours[what]}"
                for what, value in _made_of(theirs).items()
                if value != ours[what]
            )
        return f"{head}; {differ or 'their captions differ'}; open the loader with the checkpoint's plan"

    def _record(self, plan_hash: str) -> PlanRecord | None:
        rows = self.tables["plan_records"].filter(pl.col("plan_hash") == plan_hash).head(1).collect()
        return next(iter(from_table(PlanRecord, rows.to_arrow())), None)


def _name(encoder: str | None) -> str | None:
    """An encoder without the digits of its contract, which those of text have."""
    return None if encoder is None else encoder.partition("@")[0]


def _made_of(record: PlanRecord) -> dict[str, str]:
    """What a plan depends on, by what a trainer calls it."""
    return {
        "data": ", ".join(f"{cut.cut} ({cut.cut_hash[:12]})" for cut in record.cuts),
        "VAE": f"{record.picture_encoder} {record.picture_spec or ''}".strip(),
        "sound encoder": f"{record.sound_encoder} {record.sound_spec or ''}".strip(),
        "text encoder": str(record.text_encoder),
        "settings": record.settings,
    }
