"""A browser shows the frame of a proxy that it is sent to."""

import base64
from fractions import Fraction
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from curate.proxy.stage import Proxy, make_proxy
from tests.encode.clips import clip_of
from tests.proxy.films import BITS, Spec, film

CHROMIUM = Path("/usr/bin/chromium")
RATE = Fraction(30000, 1001)
FRAMES = (0, 1, 2, 11, 12, 13, 50, 49, 48, 89, 0, 30, 77)
SEEK = """async ([film, frames, step, bits]) => {
    const video = document.createElement('video');
    video.muted = true;
    video.src = film;
    await new Promise((done, failed) => {
        video.onloadeddata = done;
        video.onerror = () => failed(video.error.message);
    });
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
    const paint = canvas.getContext('2d');
    const seen = [];
    for (const frame of frames) {
        await new Promise((done) => { video.onseeked = done; video.currentTime = (frame + 0.5) * step; });
        await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
        paint.drawImage(video, 0, 0);
        const bit = (n) => paint.getImageData((n + 0.5) * canvas.width / bits, canvas.height / 4, 1, 1).data[0] > 128;
        seen.push([...Array(bits).keys()].reduce((sum, n) => sum + (bit(n) ? 1 << n : 0), 0));
    }
    return [video.duration, seen];
}"""


@pytest.mark.integration
def test_each_seek_shows_its_frame(tmp_path: Path) -> None:
    assert CHROMIUM.exists(), "apt-get install chromium"
    path = film(tmp_path, Spec(frames=90, rate=RATE, click_us=1_200_000, options=(("bf", "3"),)))
    heavy = make_proxy(clip_of(path, 0, 3_003_000), Proxy())
    assert isinstance(heavy.body, bytes)
    address = f"data:video/mp4;base64,{base64.b64encode(heavy.body).decode()}"
    with sync_playwright() as play, play.chromium.launch(
        executable_path=CHROMIUM, args=["--no-sandbox"]
    ) as browser:  # fmt: skip
        page = browser.new_page()
        page.set_content("<body></body>")
        duration_s, seen = page.evaluate(SEEK, [address, FRAMES, float(1 / RATE), BITS])
    assert tuple(seen) == FRAMES
    assert abs(duration_s - 3.003) < 0.02
