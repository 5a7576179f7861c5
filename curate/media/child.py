"""The program of a child process: confine itself, open one stage, answer row after row.

Run by `curate.media.process` as `python -m curate.media.child LEASH ADDRESS_BYTES {cut | network} FILES`, FILES
being JSON: what may be read and what may be written. The first message is the stage, the answer to it `Ready`; then
each message is a row, answered by an `Outcome`, or by what kept it from one (`answer.py`).
"""

import importlib
import json
import os
import sys

from curate.media.confine import confine


def _take_pipes() -> tuple[int, int]:
    """Move the pipes away from stdin and stdout, so that nothing a stage prints or reads can reach them."""
    requests, answers = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return requests, answers


def main() -> None:
    """Serve until the parent closes the pipe."""
    requests, answers = _take_pipes()
    readable, writable = json.loads(sys.argv[4])
    confinement = confine(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3] == "network", readable, writable)
    # Imported only now: a user namespace can be entered only while there is one thread, and libraries start theirs.
    service = importlib.import_module("curate.media.service")
    service.serve(requests, answers, confinement)


if __name__ == "__main__":
    main()
