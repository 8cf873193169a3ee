"""Changes to trees of data objects that keep their lengths right: what chance alone would hardly do to a deep one."""

import random
from dataclasses import dataclass, field

_CONSTRUCTED = 0x20
_LONG_TAG = 0x1F
_WRAPPING = frozenset({0x04, 0x5F2E, 0x7F2E})
"""Primitive objects that often have others inside."""
_TAGS = (0x02, 0x04, 0x05, 0x06, 0x0C, 0x13, 0x16, 0x1E, 0x30, 0x31, 0x5F1F, 0x5F2E, 0x6D, 0x7F60, 0x80, 0xA0)


@dataclass
class Node:
    """A data object; either it has children, or a value."""

    tag: int
    value: bytes = b""
    children: list["Node"] = field(default_factory=list)

    def encoded(self) -> bytes:
        """Tag, right length, value."""
        value = b"".join(child.encoded() for child in self.children) or self.value
        tag = self.tag.to_bytes((self.tag.bit_length() + 7) // 8 or 1)
        if len(value) < 0x80:
            return tag + bytes([len(value)]) + value
        length = len(value).to_bytes((len(value).bit_length() + 7) // 8)
        return tag + bytes([0x80 | len(length)]) + length + value


def mutate_tree(data: bytes, seed: int) -> bytes | None:
    """One to three changes to the tree; None where the bytes are none."""
    nodes = _parse(data)
    if not nodes:
        return None
    random_ = random.Random(seed)  # noqa: S311 # repeatable, not secret
    root = Node(0, children=nodes)
    for _ in range(random_.randint(1, 3)):
        _change(random_.choice([parent for parent in _parents(root) if parent.children] or [root]), random_)
    return b"".join(child.encoded() for child in root.children)


def _parents(node: Node) -> list[Node]:
    return [node, *(each for child in node.children for each in _parents(child))]


def _change(parent: Node, random_: random.Random) -> None:
    if not parent.children:
        return
    at = random_.randrange(len(parent.children))
    node = parent.children[at]
    match random_.randrange(6):
        case 0:
            del parent.children[at]
        case 1:
            parent.children.insert(random_.randrange(len(parent.children) + 1), node)
        case 2:
            random_.shuffle(parent.children)
        case 3:
            parent.children[at] = Node(random_.choice(_TAGS), node.value, node.children)
        case 4:
            parent.children[at] = Node(node.tag, _changed(node.encoded()[2:], random_))
        case _:
            parent.children[at] = Node(node.tag, _changed(node.value, random_), node.children)


def _changed(value: bytes, random_: random.Random) -> bytes:
    at = random_.randint(0, len(value))
    put = random_.choice((b"", b"\0", b"\xff", random_.randbytes(1), random_.randbytes(4), value[:8], value * 2))
    return value[:at] + put + value[at + random_.randint(0, 3) :]


def _parse(data: bytes) -> list[Node]:
    """The objects that fill the data, or nothing."""
    nodes, at = [], 0
    while at < len(data):
        begin = at
        tag, at = data[at], at + 1
        while tag & _LONG_TAG == _LONG_TAG and at < len(data) and (at == begin + 1 or data[at - 1] & 0x80):
            tag, at = tag << 8 | data[at], at + 1
            if not tag & 0x80:
                break
        length, at = data[at] if at < len(data) else 0, at + 1
        if length & 0x80:
            count = length & 0x7F
            length, at = int.from_bytes(data[at : at + count]), at + count
        if at + length > len(data) or at - begin > 8:
            return []
        nodes.append(_node(tag, data[begin], data[at : at + length]))
        at += length
    return nodes


def _node(tag: int, first: int, value: bytes) -> Node:
    children = _parse(value) if value and (first & _CONSTRUCTED or tag in _WRAPPING) else []
    return Node(tag, b"" if children else value, children)
