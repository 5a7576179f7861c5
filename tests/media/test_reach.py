"""Where a child may read and write, before any kernel is asked."""

import os
import stat
import tempfile
from pathlib import Path

import pytest

from curate.media.file import LocalFile
from curate.media.reach import code_cache, machine_reach, row_reach
from tests.media.escapes import Attempt
from tests.media.test_escapes import Filmed


def test_a_row_gives_the_folder_of_its_media_and_its_own_to_write_in(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "film").touch()
    (tmp_path / "film").symlink_to(tmp_path / "real" / "film")
    row = Filmed("a", "", "", LocalFile(str(tmp_path / "film"), 0, 0), str(tmp_path))
    assert row_reach(row).read == {str(tmp_path / "real")}
    assert row_reach(row).write == {str(tmp_path)}
    assert row_reach(Attempt("a", "")).read == frozenset()


def test_a_home_is_not_readable_though_this_runs_in_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.syspath_prepend(tmp_path / "modules")
    read = machine_reach(object()).read
    assert str(tmp_path / "modules") in read
    assert not read & {str(tmp_path), str(tmp_path.parent), "/"}


def test_code_is_kept_apart_in_a_folder_of_ones_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    kept = Path(code_cache())
    assert kept == tmp_path / "confined"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o700
    assert kept.stat().st_uid == os.getuid()


def test_a_user_without_a_home_keeps_it_with_temporary_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def homeless() -> Path:
        raise RuntimeError("Could not determine home directory.")  # as pathlib does for a user that nobody knows

    monkeypatch.setattr(Path, "home", homeless)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    assert code_cache() == str(tmp_path / f"retold-{os.getuid()}")
    assert machine_reach(object()).read
