"""The first tier: what this process has in its own memory, so many bytes of it and no more."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Memory(Generic[Value]):
    """The values asked for last; whichever was not asked for the longest gives way. Use from one thread."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.used = 0
        self._values: OrderedDict[Hashable, tuple[Value, int]] = OrderedDict()

    def get(self, key: Hashable) -> Value | None:
        found = self._values.get(key)
        if found is None:
            return None
        self._values.move_to_end(key)
        return found[0]

    def put(self, key: Hashable, value: Value, size: int) -> None:
        """Keeps the value; one that is larger than an eighth of all there is room for is not worth the others."""
        self.drop(key)
        if size > self.most // 8:
            return
        self._values[key] = (value, size)
        self.used += size
        while self.used > self.most:
            _, (_, freed) = self._values.popitem(last=False)
            self.used -= freed

    def resize(self, key: Hashable, size: int) -> None:
        """The value has grown, or shrunk."""
        if (found := self._values.get(key)) is not None:
            self.put(key, found[0], size)

    def drop(self, key: Hashable) -> None:
        found = self._values.pop(key, None)
        if found is not None:
            self.used -= found[1]

    def clear(self) -> None:
        self._values.clear()
        self.used = 0

    def part(self, chosen: Callable[[Hashable], bool]) -> tuple[int, int]:
        """How many of the values have a chosen key, and their bytes together."""
        sizes = [size for key, (_, size) in list(self._values.items()) if chosen(key)]
        return len(sizes), sum(sizes)

    def drop_all(self, chosen: Callable[[Hashable], bool]) -> int:
        """Drops the values whose key is chosen; returns how many."""
        found = [key for key in self._values if chosen(key)]
        for key in found:
            self.drop(key)
        return len(found)

    def keys(self) -> list[Hashable]:
        """From the one that gives way first to the one asked for last."""
        return list(self._values)

    def __len__(self) -> int:
        return len(self._values)
