"""One number, with what it means, for each quality of a clip: pure arithmetic on its part of the strip."""
