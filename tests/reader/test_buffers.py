import gc

import numpy as np

from curate.reader.buffers import Buffers


def test_memory_is_used_again_when_nothing_refers_to_it_and_not_before() -> None:
    buffers = Buffers()
    first = buffers.array((2, 3, 4), "<f2")
    place = first.ctypes.data
    first[:] = 7
    view = first[1, :, 2:].T
    del first
    gc.collect()
    second = buffers.array((2, 3, 4), "<f2")
    assert second.ctypes.data != place
    second[:] = 1
    assert (view == 7).all()
    del view
    assert buffers.array((2, 3, 4), "<f2").ctypes.data == place


def test_an_array_of_nothing_and_arrays_of_other_sizes_are_as_asked_for() -> None:
    buffers = Buffers(spare=1)
    assert buffers.array((0, 5), "<f4").shape == (0, 5)
    for shape in ((100_000,), (3, 5), (10,)):
        made = buffers.array(shape, "<f4")
        assert (made.shape, made.dtype, made.flags.writeable) == (shape, np.dtype("<f4"), True)
        del made
