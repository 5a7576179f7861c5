"""Which nodes of a cluster a kind of worker runs on."""

from jobs.interpreter import KIND_LABEL
from jobs.nodes import Node, of_kind, selector

HEAD = Node("h", "10.0.0.1", "core", 0.0, 0.0)
CORE = Node("c", "10.0.0.2", "core", 8.0, 0.0)
BARE = Node("b", "10.0.0.3", None, 8.0, 0.0)
VLLM = Node("v", "10.0.0.4", "vllm", 16.0, 4.0)


def test_without_labels_every_node_with_room_is_for_every_kind() -> None:
    assert selector("vllm", [BARE]) == {}
    assert of_kind("vllm", [BARE]) == of_kind(None, [BARE]) == [BARE]


def test_with_labels_a_kind_has_its_nodes_and_the_core_all_that_are_of_no_other() -> None:
    nodes = [HEAD, CORE, BARE, VLLM]
    assert selector("vllm", nodes) == {KIND_LABEL: "vllm"}
    assert selector(None, nodes) == {KIND_LABEL: "!in(models,speech,vllm)"}
    assert of_kind("vllm", nodes) == [VLLM]
    assert of_kind("speech", nodes) == []
    assert of_kind(None, nodes) == [CORE, BARE]  # a head that has no CPU to give is for none
