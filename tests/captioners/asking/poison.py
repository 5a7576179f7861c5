"""A plugin of vLLM for tests: its core kills itself when it is given a prompt with the poison in it."""

import os
import signal
from typing import Any

POISON = "QQQQ"  # no merge of the tiny tokenizer knows it, so it is always the same four tokens
TOKENS = "RETOLD_TEST_POISON"  # the environment variable that holds them


def register() -> None:
    """Called by vLLM in each of its processes."""
    from vllm.v1.engine.core import EngineCore

    poison = [int(token) for token in os.environ[TOKENS].split()]
    add = EngineCore.add_request

    def add_request(self: Any, request: Any, *more: Any) -> None:
        tokens = list(request.prompt_token_ids)
        if any(tokens[at : at + len(poison)] == poison for at in range(len(tokens))):
            os.kill(os.getpid(), signal.SIGKILL)
        add(self, request, *more)

    EngineCore.add_request = add_request
