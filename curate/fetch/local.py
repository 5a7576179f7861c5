"""Files of this machine."""

import asyncio
import errno
import os
import threading
from contextlib import AsyncExitStack
from pathlib import Path

from curate.errors import Forbidden, Gone, Unreachable, Unsupported
from curate.fetch.access import Access
from curate.fetch.bring import Bring, Told
from curate.fetch.drop import Drop
from curate.fetch.uri import local_path
from curate.loop import waited_for
from schemas.media import Source

_CHUNK = 4 << 20
_BROKEN = (errno.EIO, errno.ESTALE, errno.ETIMEDOUT, errno.EHOSTDOWN, errno.ENOTCONN)


def open_file(access: Access, _stack: AsyncExitStack) -> Bring:
    """Regular files below the folder that their source was added from, or below one of `fetch.roots`."""

    async def bring(source: Source, drop: Drop) -> Told:
        given_up = threading.Event()
        work = asyncio.get_running_loop().run_in_executor(None, _copy, source, drop, access, given_up)
        await waited_for(work, given_up.set)
        return Told()

    return bring


def _copy(source: Source, drop: Drop, access: Access, given_up: threading.Event) -> None:
    path = local_path(source.uri)
    try:
        if path.exists():
            _inside(path, source, access)
            if not path.is_file():
                raise Unsupported(f"not a regular file: {path}; `retold add` takes folders apart")
        with path.open("rb") as file:
            _inside(Path(f"/proc/self/fd/{file.fileno()}"), source, access)  # what was opened, if that has changed
            drop.expect(os.fstat(file.fileno()).st_size)
            while (piece := file.read(_CHUNK)) and not given_up.is_set():
                drop.write(piece)
    except PermissionError:
        raise Forbidden(f"no permission to read {path}") from None
    except (OSError, ValueError) as error:  # ValueError: a zero byte in the name
        if isinstance(error, OSError) and error.errno in _BROKEN:
            raise Unreachable(f"{path} cannot be read: {error.strerror}") from None
        raise Gone(f"no such file: {path}") from None


def _inside(path: Path, source: Source, access: Access) -> None:
    """Raise Forbidden for a path that leads, links followed, out of where it may lie."""
    real = path.resolve()
    roots = [Path(root).resolve() for root in (*access.roots, *([source.root] if source.root else []))]
    if not any(real.is_relative_to(root) for root in roots):
        where = f"below {source.root}" if source.root else "in a folder that was named"
        what = f"{path} does" if real == path else f"{path} is {real}, which does"
        raise Forbidden(f"{what} not lie {where}; name its folder in fetch.roots to allow it")
