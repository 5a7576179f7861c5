"""From the strip of a media to its clips: pure arithmetic, nothing is decoded."""
