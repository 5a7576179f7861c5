"""How each scheme is opened: another one is a file of its own and a line here."""

from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from types import MappingProxyType

from curate.fetch.access import Access
from curate.fetch.bring import Bring
from curate.fetch.bucket import open_s3
from curate.fetch.local import open_file
from curate.fetch.web import open_web

SCHEMES: Mapping[str, Callable[[Access, AsyncExitStack], Bring]] = MappingProxyType(
    {
        "file": open_file,
        "http": open_web,
        "https": open_web,
        "s3": open_s3,
    }
)
