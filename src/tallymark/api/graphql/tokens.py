"""What a document is made of, found in one pass over its text whatever that holds.

It runs before the parser, which costs far more for each character: so a hostile document is refused at the price of one
search, and two documents that differ only in what GraphQL ignores are known to be the same.
"""

import re

# Every alternative goes forward only (`*+` gives nothing back), and what is not closed runs to its end. White space and
# commas are in none, so the search passes over them.
_TOKEN = re.compile(
    r'"""(?:[^"\\]|\\"""|\\|"(?!""))*+(?:""")?'  # a block string
    r'|"(?:[^"\\\n\r]|\\.)*+"?'  # a string
    r"|[_A-Za-z][_0-9A-Za-z]*+"  # a name
    r"|-?[0-9][0-9.eE+-]*+"  # a number
    r"|\.\.\."
    r"|#[^\n\r]*+"  # a comment
    r"|[^\s,\ufeff]",
    re.DOTALL,
)


class Tokens:
    """The tokens of a text, and its comments."""

    def __init__(self, text: str) -> None:
        self._found: list[str] = _TOKEN.findall(text)

    @property
    def count(self) -> int:
        return len(self._found)

    @property
    def longest(self) -> int:
        """Characters of the longest."""
        return max(map(len, self._found), default=0)

    @property
    def nesting(self) -> int:
        """How many brackets stand within each other."""
        deepest = depth = 0
        for token in self._found:
            if token in "{[(":
                depth += 1
                deepest = max(deepest, depth)
            elif token in "}])":
                depth -= 1
        return deepest

    @property
    def text(self) -> str:
        """The document without what GraphQL ignores."""
        return " ".join(token for token in self._found if not token.startswith("#"))
