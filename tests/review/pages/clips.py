"""Review proxies of films whose frames carry their number, in a folder that a server shows."""

import json
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from curate.proxy.stage import Proxy, make_proxy
from curate.review.items import footage
from curate.review.wire import Footage
from tests.encode.clips import clip_of
from tests.proxy.films import BITS, Spec, film

CLICK_US = 1_000_000


def burnt(folder: Path, rate: Fraction = Fraction(24), frames: int = 72) -> Footage:
    """Make a film, and its proxy in `folder`; what the page is told of it."""
    path = film(folder, Spec(frames=frames, rate=rate, width=320, height=180, click_us=CLICK_US))
    made = make_proxy(clip_of(path, 0, round(frames * 1_000_000 / rate)), Proxy(sample_share=0.0))
    assert isinstance(made.body, bytes)
    (folder / "clip.mp4").write_bytes(made.body)
    (folder / "clip.peaks").write_bytes(made.row.peaks)
    (folder / "clip.jpg").write_bytes(made.row.thumbs_jpeg)
    (folder / "clip.json").write_text(json.dumps({"peaks_hz": made.row.peaks_hz, "thumbs": made.row.thumbs}))
    return footage(made.row)


@dataclass(frozen=True, slots=True)
class FolderClips:
    """The one clip of a folder, whatever its id."""

    folder: Path

    def mp4_path(self, clip_id: str) -> Path:
        return self.folder / "clip.mp4"

    def peaks(self, clip_id: str) -> tuple[int, bytes]:
        return self._told()["peaks_hz"], (self.folder / "clip.peaks").read_bytes()

    def thumbs(self, clip_id: str) -> tuple[int, bytes]:
        return self._told()["thumbs"], (self.folder / "clip.jpg").read_bytes()

    def _told(self) -> dict[str, int]:
        told: dict[str, int] = json.loads((self.folder / "clip.json").read_text())
        return told


READ = f"""() => {{
  const video = document.querySelector(".screen video");
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
  const context = canvas.getContext("2d");
  context.drawImage(video, 0, 0);
  let number = 0;
  for (let bit = 0; bit < {BITS}; bit++) {{
    const x = Math.floor(((bit + 0.5) * canvas.width) / {BITS});
    if (context.getImageData(x, Math.floor(canvas.height / 4), 1, 1).data[1] > 128) number += 2 ** bit;
  }}
  return number;
}}"""
"""JavaScript that reads the number off the picture that the browser shows."""
