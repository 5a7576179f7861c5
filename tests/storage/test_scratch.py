"""Temporary media lie apart from all other temporary files: the process that opens one may read what lies beside it."""

import shutil
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

from curate.fetch.drop import Drop
from curate.media.file import LocalFile
from curate.media.reach import row_reach
from curate.storage.scratch import own_folder
from tests.media.test_escapes import Filmed


def test_a_folder_of_ones_own_is_the_same_each_time_and_made_again() -> None:
    folder = own_folder("retold-test-")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    shutil.rmtree(folder)
    assert own_folder("retold-test-") == folder
    assert list(folder.iterdir()) == []


def test_it_ends_with_its_process(tmp_path: Path) -> None:
    asked = "from curate.storage.scratch import own_folder; print(own_folder('retold-test-'))"
    done = subprocess.run(
        [sys.executable, "-c", asked], env={"TMPDIR": str(tmp_path)}, capture_output=True, text=True, check=True
    )
    assert Path(done.stdout.strip()).parent == tmp_path
    assert list(tmp_path.iterdir()) == []


def test_who_opens_a_body_reaches_no_other_temporary_file() -> None:
    drop = Drop(10, None)
    drop.write(b"body")
    file = LocalFile(str(drop.body()), 0, 4)
    assert row_reach(Filmed("a", "", "", file)).read == {str(drop.path.parent)}
    assert drop.path.parent.parent == Path(tempfile.gettempdir())
    drop.close()
    assert list(drop.path.parent.iterdir()) == []
