"""What hangs while it is looked at holds nobody up, and is given up when nobody waits for it."""

import asyncio
import os
import time
from pathlib import Path

import pytest

from curate.errors import NotMedia, TooLong
from curate.fetch.probe import Fetched, Probes
from curate.media.file import LocalFile
from curate.media.limits import Limits
from tests.fetch.hostile import GIF


def fetched(path: Path) -> Fetched:
    return Fetched(path.name, LocalFile(str(path), 0, path.stat().st_size))


def test_a_file_that_hangs_does_not_hold_up_the_others(tmp_path: Path) -> None:
    hang, gif, text = tmp_path / "hang", tmp_path / "gif", tmp_path / "text"
    os.mkfifo(hang)
    gif.write_bytes(GIF)
    text.write_text("words")

    async def main() -> None:
        probes = Probes(2, Limits(deadline_s=60.0))
        stuck = asyncio.create_task(probes.facts(fetched(hang)))
        await asyncio.sleep(0)  # it has its child now
        for _ in range(3):
            assert (await probes.facts(fetched(gif))).container == "gif"
        with pytest.raises(NotMedia):
            await probes.facts(fetched(text))
        assert not stuck.done()
        began = time.monotonic()
        stuck.cancel()
        with pytest.raises(asyncio.CancelledError):
            await stuck
        assert time.monotonic() - began < 5
        both = await asyncio.gather(*(probes.facts(fetched(gif)) for _ in range(4)))
        assert [facts.container for facts in both] == ["gif"] * 4
        probes.close()

    asyncio.run(main())


def test_a_file_that_hangs_is_late(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "hang")

    async def main() -> None:
        probes = Probes(1, Limits(deadline_s=0.2))
        with pytest.raises(TooLong, match="probe took longer than"):
            await probes.facts(fetched(tmp_path / "hang"))
        probes.close()

    asyncio.run(main())
