"""A folder that is this process's own, for temporary media: whoever opens one of them finds nothing else beside it."""

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path


def own_folder(prefix: str) -> Path:
    """A folder in that of temporary files, the same for each call; removed when this process ends."""
    folder = _made(prefix)
    folder.mkdir(mode=0o700, exist_ok=True)  # again, where somebody tidies up
    return folder


@cache
def _made(prefix: str) -> Path:
    folder = Path(tempfile.mkdtemp(prefix=prefix))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
