"""Who killed the engine: found with few starts, and nobody else fails for it."""

import asyncio
import math
from collections import Counter
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from captioners.asking import Ask, Reply
from captioners.asking.revival import Died, Revived
from curate.errors import EngineError, RecipeError, Refused, RowError
from curate.loop import Loop
from curate.stage import Outcome
from tests.captioners.asking.asks import texts


class World:
    """Engines that die over poison, and once each time a number of answers is reached."""

    def __init__(self, poison: set[str], accidents: set[int] = frozenset(), refuses: str = "") -> None:  # type: ignore[assignment]
        self.poison, self.accidents, self.refuses = poison, set(accidents), refuses
        self.starts = self.closes = self.answers = 0
        self.answered: Counter[str] = Counter()
        self.alone: Counter[str] = Counter()
        self.always = False

    def start(self) -> "Mortal":
        self.starts += 1
        return Mortal(self)

    def outcomes(self, asks: list[Ask], at_once: int = 16) -> dict[str, Outcome[Reply]]:
        def opened(stack: AsyncExitStack) -> Callable[[Ask], Coroutine[Any, Any, Outcome[Reply]]]:
            engine = Revived(self.start, (0.0, 0.0))
            stack.callback(engine.close)

            async def one(ask: Ask) -> Outcome[Reply]:
                try:
                    return Outcome(ask.id, (await engine.reply(ask),))
                except RowError as error:
                    return Outcome(ask.id, (), error.failure)

            return one

        loop = Loop(opened, at_once, lambda _: None)
        found = {outcome.input_id: outcome for outcome in loop(asks)}
        assert set(found) == {ask.id for ask in asks}
        return found


class Mortal:
    def __init__(self, world: World) -> None:
        self.world, self.dead, self.in_flight = world, False, 0

    async def reply(self, ask: Ask) -> Reply:
        world = self.world
        if self.dead:
            raise Died
        self.in_flight += 1
        try:
            world.alone[ask.id] += self.in_flight == 1
            await asyncio.sleep(0.001)
            self.dead = self.dead or world.always or ask.id in world.poison or world.answers in world.accidents
            world.accidents.discard(world.answers)
            if self.dead:
                raise Died
            if ask.id == world.refuses:
                raise Refused("no")
            world.answers += 1
            world.answered[ask.id] += 1
            return Reply(ask.id, f"to {ask.parts[0]}", True, 1, 1)
        finally:
            self.in_flight -= 1

    def close(self) -> None:
        self.world.closes += 1


def test_a_death_by_accident_costs_one_start_and_no_ask() -> None:
    world = World(set(), {10})
    found = world.outcomes(texts(100))
    assert all(outcome.failure is None for outcome in found.values())
    assert set(world.answered.values()) == {1}
    assert world.starts == 2


@pytest.mark.parametrize("at_once", [1, 16, 64])
def test_poison_crashes_alone_after_few_starts(at_once: int) -> None:
    world = World({"ask-40"})
    found = world.outcomes(texts(100), at_once)
    failed = {name: outcome.failure.kind for name, outcome in found.items() if outcome.failure}
    assert failed == {"ask-40": "crashed"}
    assert set(world.answered.values()) == {1}
    assert world.starts <= 4 + math.log2(at_once) + 1
    assert world.closes >= world.starts - 1


@given(st.sets(st.integers(0, 39), max_size=6), st.sets(st.integers(0, 30), max_size=3), st.integers(1, 20))
def test_whatever_dies_each_ask_has_one_outcome(poison: set[int], accidents: set[int], at_once: int) -> None:
    world = World({f"ask-{index}" for index in poison}, accidents, refuses="ask-7")
    found = world.outcomes(texts(40), at_once)
    for index in range(40):
        outcome = found[f"ask-{index}"]
        if outcome.failure is None:
            assert outcome.rows[0].text == f"to number {index}"
        elif index not in poison:
            assert (index, outcome.failure.kind) == (7, "refused")
        else:
            assert outcome.failure.kind == "crashed"
            assert world.alone[outcome.input_id] >= 2
    assert not poison & {index for index in range(40) if found[f"ask-{index}"].failure is None}
    assert set(world.answered.values()) <= {1}


def test_an_engine_that_dies_whatever_it_is_asked_stops_the_job() -> None:
    world = World(set())
    world.always = True
    with pytest.raises(EngineError, match="died 10 times"):
        world.outcomes(texts(600), 512)


@pytest.mark.parametrize(("refusals", "starts"), [(2, True), (3, False)])
def test_an_engine_that_does_not_start_again_is_tried_twice_more(refusals: int, starts: bool) -> None:
    world = World({"ask-3"})
    first, refused = world.start, 0

    def start() -> Mortal:
        nonlocal refused
        if world.starts == 1 and refused < refusals:
            refused += 1
            raise RecipeError("no memory")
        return first()

    world.start = start  # type: ignore[method-assign]
    if starts:
        assert [name for name, outcome in world.outcomes(texts(8)).items() if outcome.failure] == ["ask-3"]
    else:
        with pytest.raises(RecipeError, match="no memory"):
            world.outcomes(texts(8))


def test_a_taker_who_goes_during_a_trial_leaves_nothing_waiting() -> None:
    world = World({"ask-2"})

    def opened(stack: AsyncExitStack) -> Callable[[Ask], Coroutine[Any, Any, Reply]]:
        engine = Revived(world.start, ())
        stack.callback(engine.close)
        return engine.reply

    loop = Loop(opened, 8, lambda _: None)
    run = loop(texts(50))
    next(run)
    run.close()  # type: ignore[attr-defined]
    assert {reply.ask_id for reply in loop(texts(2))} == {"ask-0", "ask-1"}
