"""What is counted while something runs, for Prometheus."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Metric:
    """A counter only grows while its process lives; a gauge is how something stands."""

    kind: Literal["counter", "gauge"]
    help: str
    labels: tuple[str, ...] = ()
