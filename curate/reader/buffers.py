"""Memory for batches that is used again: fresh pages cost as much as what is read into them."""

import threading
import weakref
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass
class Buffers:
    """Arrays whose memory comes back when nothing refers to them any more, views and torch tensors of them included."""

    spare: int = 8  # buffers that wait to be used again
    _free: list[memoryview] = field(default_factory=list)
    _held: threading.Lock = field(default_factory=threading.Lock)

    def array(self, shape: tuple[int, ...], dtype: str) -> NDArray[Any]:
        """An array of any content. It does not own its memory, so numpy keeps it alive for its views."""
        size = int(np.prod(shape)) * np.dtype(dtype).itemsize
        memory = self._taken(size)
        flat: NDArray[Any] = np.frombuffer(memory, dtype, int(np.prod(shape)))
        weakref.finalize(flat, self._back, memory).atexit = False  # all views of it refer to it, and not to the memory
        return flat.reshape(shape)

    def _taken(self, size: int) -> memoryview:
        with self._held:
            for index, memory in enumerate(self._free):
                if size <= len(memory) <= max(2 * size, 1 << 16):
                    return self._free.pop(index)
        return np.empty(size, np.uint8).data  # pages come with what is read into them, in the threads that read

    def _back(self, memory: memoryview) -> None:
        with self._held:
            self._free.append(memory)
            del self._free[: -self.spare]
