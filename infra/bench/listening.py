"""What listening costs: CPU seconds for each minute of sound, beside decoding the same sound to nowhere with ffmpeg.

    OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 python infra/bench/listening.py [FILE...] [--media FOLDER] [--times 3]

Decoding is the sound at 48 and at 16 kHz. Each part is then run on the latter, in this process, models loaded; the
least of the runs counts. The front end of a model that writes words is decoding, the voice detector and the stretches.
"""

import argparse
import resource
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from captioners.earshot import WHOLE_HZ
from captioners.music import MusicRules, music, warm
from captioners.silero import SpeechRules, speech, speech_probabilities
from captioners.sound import EventRules, events
from captioners.speech import SpeechConfig, open_words, transcribed
from captioners.stretch import stretches
from captioners.transcriber import WINDOW_S
from curate.media.facts import read_facts
from curate.media.file import LocalFile
from curate.media.silero import RATE_HZ
from curate.media.sound import samples

MEDIA = Path(__file__).resolve().parents[3] / "shared" / "media"
FILES = ("good/jfk_11s.flac", "good/bbb_480p_30s.mp4", "good/v2d_slides_1080p_122s.mp4")


def ffmpeg_cpu_s(path: Path) -> float:
    """User and system seconds of one ffmpeg that decodes the sound to 16 kHz mono in one thread."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = ["ffmpeg", "-v", "error", "-nostdin", "-threads", "1", "-i", str(path), "-vn", "-ac", "1", "-ar", "16000"]
    subprocess.run([*command, "-f", "null", "-"], check=True, stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def cpu_s(work: Callable[[], object], times: int) -> float:
    """User and system seconds of this process, the least of some runs."""
    spent = []
    for _ in range(times):
        before = time.process_time()
        work()
        spent.append(time.process_time() - before)
    return min(spent)


def costs(path: Path, times: int) -> dict[str, float]:
    """CPU seconds of each part on the whole sound of a file, and its length in seconds."""
    file = LocalFile(str(path), 0, path.stat().st_size)
    media = read_facts(file).media(path.name, path.name, file.size)
    if media.audio is None or not media.duration_us:
        raise SystemExit(f"{path}: no sound")
    length_us = media.duration_us

    def decoded() -> None:
        for rate_hz in (WHOLE_HZ, RATE_HZ):
            samples(file, media, 0, length_us, rate_hz)

    wave = samples(file, media, 0, length_us, RATE_HZ)[0]
    probabilities, words = speech_probabilities(), open_words(SpeechConfig())
    warm(RATE_HZ)
    spoken = speech(wave, probabilities(wave), SpeechRules())
    return {
        "length": length_us / 1e6,
        "ffmpeg": min(ffmpeg_cpu_s(path) for _ in range(times)),
        "decoding": cpu_s(decoded, times),
        "voice": cpu_s(lambda: speech(wave, probabilities(wave), SpeechRules()), times),
        "stretches": cpu_s(lambda: stretches(spoken, wave, WINDOW_S), times),
        "events": cpu_s(lambda: events(wave, RATE_HZ, EventRules(), spoken), times),
        "music": cpu_s(lambda: music(wave, RATE_HZ, MusicRules()), times),
        "words": cpu_s(lambda: transcribed(wave, spoken, words, RATE_HZ), 1),
    }


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--media", type=Path, default=MEDIA)
    parser.add_argument("--times", type=int, default=3)
    arguments = parser.parse_args()
    if shutil.which("ffmpeg") is None:
        raise SystemExit("ffmpeg is not installed: apt-get install --no-install-recommends ffmpeg")
    for number, path in enumerate(arguments.files or [arguments.media / name for name in FILES]):
        found = costs(path, arguments.times)
        minutes = found.pop("length") / 60
        if not number:
            print("| file | minutes | " + " | ".join(found) + " | speech front end / ffmpeg |")
            print("|---" * (len(found) + 3) + "|")
        front = (found["decoding"] + found["voice"] + found["stretches"]) / found["ffmpeg"]
        figures = " | ".join(f"{one / minutes:.2f}" for one in found.values())
        print(f"| {path.name} | {minutes:.2f} | {figures} | {front:.1f} |", flush=True)


if __name__ == "__main__":
    main()
