"""What latents weigh: bytes of a second, by encoder.

.venv-models/bin/python infra/bench/latents.py
"""

from curate.encode.bucket import Bucket
from curate.encode.family import PICTURES, SOUNDS
from curate.encode.size import bytes_per_s, footprint, picture_bytes, sound_bytes_per_s


def main() -> None:
    """Print both tables."""
    print("| encoder | channels x time x space | 704x1280, MB/s | 480x832, MB/s | still of 1024x1024, kB |")
    print("|---|---|---|---|---|")
    for name, family in PICTURES.items():
        one, step = footprint(name), family.frame_step
        frames = 1 + step * round(96 / step) if step else 0
        rates = [
            f"{bytes_per_s(one, Bucket(frames, height, width), 24.0) / 1e6:.2f} ({frames} frames)" if step else "-"
            for height, width in ((704, 1280), (480, 832))
        ]
        still = picture_bytes(one, Bucket(1, 1024, 1024)) / 1e3
        print(
            f"| {name} | {family.channels} x {family.time_stride} x {family.space_stride} | {' | '.join(rates)} "
            f"| {still:.0f} |"
        )
    print("\n| sound | kB/s |\n|---|---|")
    for name, sound in SOUNDS.items():
        print(f"| {name} | {sound_bytes_per_s(footprint(name), sound.rate_hz) / 1e3:.2f} |")


if __name__ == "__main__":
    main()
