import numpy as np
import polars as pl

from curate.chance import draw, philox, stable_hash, uniform


def column(*words: int) -> np.ndarray:
    return np.array(words, np.uint32)[:, None]


def test_philox_gives_the_known_answers_of_its_authors() -> None:
    zero = philox(column(0, 0, 0, 0), (0, 0))[:, 0]
    assert [hex(w) for w in zero] == ["0x6627e8d5", "0xe169c58d", "0xbc57ac4c", "0x9b00dbd8"]
    ones = philox(column(*[0xFFFFFFFF] * 4), (0xFFFFFFFF, 0xFFFFFFFF))[:, 0]
    assert [hex(w) for w in ones] == ["0x408f276d", "0x41c83b0e", "0xa20bc7c6", "0x6d5451fd"]
    pi = philox(column(0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344), (0xA4093822, 0x299F31D0))[:, 0]
    assert [hex(w) for w in pi] == ["0xd16cfe09", "0x94fdcceb", "0x5001e420", "0x24126ea1"]


def test_a_hash_depends_on_its_own_key_alone() -> None:
    keys = pl.Series([f"{i:064x}/{i:012d}-{i + 1:012d}" for i in range(500)] + ["a", "b", ""])
    hashes = stable_hash(keys)
    assert len(set(hashes.tolist())) == len(keys)
    assert stable_hash(keys[500:]).tolist() == hashes[500:].tolist()
    assert stable_hash(keys.reverse()).tolist() == hashes[::-1].tolist()


def test_draws_are_uniform_and_differ_by_seed() -> None:
    keys = stable_hash(pl.Series([f"clip-{i}" for i in range(4000)]))
    second = np.zeros(len(keys), np.uint32)
    shares = uniform(draw(1, keys, 0, second)[0])
    assert abs(shares.mean() - 0.5) < 0.02
    assert np.histogram(shares, 10, (0, 1))[0].min() > 320
    assert not np.array_equal(draw(1, keys, 0, second), draw(2, keys, 0, second))
    assert not np.array_equal(draw(1, keys, 0, second), draw(1, keys, 1, second))
