"""What the schemes need to know beside the source: nothing here changes the bytes."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from curate.fetch.policy import Web
from curate.fetch.site.policy import Site


@dataclass(frozen=True, slots=True)
class Access:
    """Limits, leave and credentials. `storage_options` are those of Delta tables: AWS_ENDPOINT_URL, ..."""

    read_timeout_s: float
    total_timeout_s: float
    max_redirects: int = 5
    roots: tuple[str, ...] = ()  # folders that local files may be read from, beside those that were added
    scratch: str | None = None
    storage_options: Mapping[str, str] = field(default_factory=dict, repr=False)
    web: Web = field(default_factory=Web)
    site: Site = field(default_factory=Site)
