"""What a regular expression demands: letters of which some stand in every match of it.

Rules are passed over by the words that they need, before anything is looked at; an expression would be asked of every
text. Read are only letters that plainly stand there, in the expression itself and in its groups. Where nothing is
plain, nothing is said, and the expression is asked of every text after all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from tocsin.text import fold

_SHORTEST, _SHORTEST_ASCII = 2, 4
_PIECE = re.compile(
    r"""
    (?P<group>\((?:\?P?<\w+>|\?[imsU]*(?:-[imsU]+)?(?::|(?=\))))?)
  | (?P<end>\))
  | (?P<or>\|)
  | (?P<maybe>(?:[?*]|\{0(?:,\d*)?\})\??)
  | (?P<again>\+\??|\{[1-9]\d*(?:,\d*)?\}\??)
  | (?P<plain>\\[^\w\s]|[^\\\[\](){}|?*+.^$])
  | (?P<open>\[\^?\]?(?:\\.|\[:\w+:\]|[^\]\\])*\]|\\[bBAzdDsSwW]|\\[pP](?:\w|\{\^?\w+\})|[.^$])
    """,
    re.VERBOSE | re.DOTALL,
)


@dataclass(slots=True)
class _Branch:
    """One way through an expression or a group: what it has demanded so far."""

    best: frozenset[str] = frozenset()
    run: str = ""
    last: frozenset[str] = frozenset()
    """What the group right before here demands; it counts once it is known that the group cannot be missing."""

    def letter(self, char: str) -> None:
        self.settle()
        self.run += char

    def group(self, demanded: frozenset[str]) -> None:
        self.stop()
        self.last = demanded

    def missing(self) -> None:
        """What stands right before may be missing."""
        if self.last:
            self.last = frozenset()
        else:
            self.run = self.run[:-1]
            self.stop()

    def stop(self) -> None:
        """The run of letters ends here."""
        self.settle()
        if len(self.run) >= (_SHORTEST_ASCII if self.run.isascii() else _SHORTEST):
            self._offer(frozenset({self.run}))
        self.run = ""

    def settle(self) -> None:
        if self.last:
            self._offer(self.last)
            self.last = frozenset()

    def _offer(self, found: frozenset[str]) -> None:
        if not self.best or min(map(len, found)) > min(map(len, self.best)):
            self.best = found


@dataclass(slots=True)
class _Ways:
    """An expression or a group while it is read: the ways that are done, and the one that is read."""

    done: list[frozenset[str]] = field(default_factory=list)
    branch: _Branch = field(default_factory=_Branch)

    def turn(self) -> None:
        self.branch.stop()
        self.done.append(self.branch.best)
        self.branch = _Branch()

    def demanded(self) -> frozenset[str]:
        self.turn()
        return frozenset().union(*self.done) if all(self.done) else frozenset()


def demands(expression: str) -> frozenset[str]:
    """Letters, folded, at least one of which stands in every text that the expression matches; empty: unknown."""
    stack = [_Ways()]
    for kind, text in _pieces(expression):
        branch = stack[-1].branch
        if kind == "group":
            stack.append(_Ways())
        elif kind == "end" and len(stack) > 1:
            inner = stack.pop().demanded()
            stack[-1].branch.group(inner)
        elif kind == "or":
            stack[-1].turn()
        elif kind == "maybe":
            branch.missing()
        elif kind == "plain" and (char := text[-1]) and _is_plain(char):
            branch.letter(fold(char))
        elif kind in ("plain", "open", "again"):
            branch.stop()
        else:
            return frozenset()
    return stack[0].demanded() if len(stack) == 1 else frozenset()


def _pieces(expression: str) -> Iterator[tuple[str, str]]:
    """The expression's parts by kind; an unknown one ends them with the kind `unknown`."""
    at = 0
    while at < len(expression):
        found = _PIECE.match(expression, at)
        if found is None or found.lastgroup is None:
            yield "unknown", expression[at:]
            return
        yield found.lastgroup, found[0]
        at = found.end()


def _is_plain(char: str) -> bool:
    """Whether every way in which RE2 reads this letter, small or capital, folds alike (ſ is an s to it, not to us)."""
    return char.isalnum() and (char.upper() == char.lower() or (char.isascii() and char not in "sS"))
