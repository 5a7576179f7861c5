"""No library tells its makers of what is done here."""

from curate.media.process import environment
from jobs.environment import no_telemetry


def test_onnxruntime_is_silent_where_the_road_runs_and_in_children() -> None:
    ours: dict[str, str] = {}
    no_telemetry(ours)
    assert ours == {"ORT_DISABLE_TELEMETRY": "1"}
    assert environment().items() >= ours.items()
