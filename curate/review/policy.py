"""How the queue is run: whoever serves it decides, and the server alone knows."""

from ipaddress import IPv4Network, IPv6Network
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Share = Annotated[float, Field(ge=0, le=1)]
Seconds = Annotated[float, Field(gt=0)]
Count = Annotated[int, Field(ge=1)]

STRICT = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class TrustedProxy(BaseModel):
    """A proxy that has logged people in: the header that names them, and where alone it is believed from.

    Accounts are still made here: a name without one is refused.
    """

    model_config = STRICT
    header: Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,64}$")]
    networks: Annotated[tuple[IPv4Network | IPv6Network, ...], Field(min_length=1)]


class Rates(BaseModel):
    """Requests in a minute, and as many at once: of logins by name and by address, of all that writes by person."""

    model_config = STRICT
    logins_per_name: Count = 10
    logins_per_address: Count = 60
    writes: Count = 600  # a draft is saved each second while somebody types


class Policy(BaseModel):
    """The rules of a queue."""

    model_config = STRICT
    lease_s: Seconds = 120.0
    beat_s: Seconds = 20.0
    doubling_s: Seconds = 604_800.0  # in which waiting doubles what an item is worth
    releases: Count = 3  # given back so often, an item goes to a reviewer
    undo: Count = 10  # of one's own last submits can be taken back
    agreement_us: Count = 100_000  # by how much two spans may differ and still be the same
    scratch_plays: Count = 2
    blind_pass: Share = 0.8  # of the questions that a text has to answer
    second_look: Share = 0.02  # of what one person decided goes to a reviewer
    second_look_accepted: Share = 0.2  # where statements were accepted together
    session_s: Seconds = 43_200.0
    secure: bool = False  # served behind https: the cookie is never sent without
    body_bytes: Count = 4_000_000
    rates: Rates = Rates()
    proxy: TrustedProxy | None = None
