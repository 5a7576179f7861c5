"""Films with known truth: the yardstick of every splitter, metric, listener, captioner and check."""

from curate.film.film import make_film, shoot
from curate.film.spec import FilmSpec
from curate.film.stills import make_stills
from curate.film.truth_file import load_truth, save_truth, truth_path

__all__ = ["FilmSpec", "load_truth", "make_film", "make_stills", "save_truth", "shoot", "truth_path"]
