"""
Which rule of discovery a title meets that an inventory found: pure, in linear time.

A pattern is compared without regard to case. ``*`` stands for any text, also for none; an empty
pattern matches anything. Of several rules that a title meets the most specific one counts:

1. the one with more patterns that are not empty and have no ``*``,
2. of these, the one whose patterns have more characters besides ``*``,
3. of these, the one that was made first.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass
from typing import Protocol

ANY = "*"


@dataclass(frozen=True, kw_only=True)
class Title:
    """What an inventory says of a title; empty where it says nothing."""

    publisher: str
    name: str
    version: str
    edition: str
    platform: str
    language: str


class Rule(Protocol):
    """A rule of discovery; a smaller ``pk`` was made earlier."""

    @property
    def pk(self) -> int: ...
    @property
    def publisher(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def version(self) -> str: ...
    @property
    def edition(self) -> str: ...
    @property
    def platform(self) -> str: ...
    @property
    def language(self) -> str: ...


PATTERNS = ("publisher", "name", "version", "edition", "platform", "language")


class Pattern:
    """
    A text with ``*`` for any text.

    Each piece between two ``*`` is looked for once, from where the one before it ended: nothing is
    tried a second time, however many ``*`` there are.
    """

    def __init__(self, text: str) -> None:
        folded = text.casefold()
        self.is_exact = bool(folded) and ANY not in folded
        self.begins, *others = folded.split(ANY)
        self._ends = others.pop() if others else ""
        self._middle = [piece for piece in others if piece]
        self.literal_length = len(folded) - folded.count(ANY)

    @property
    def matches_anything(self) -> bool:
        return self.literal_length == 0

    def matches(self, folded: str) -> bool:
        """Whether it matches a text in folded case."""
        if self.is_exact:
            return folded == self.begins
        if not folded.startswith(self.begins):
            return False
        place = len(self.begins)
        for piece in self._middle:
            found = folded.find(piece, place)
            if found < 0:
                return False
            place = found + len(piece)
        return len(folded) - len(self._ends) >= place and folded.endswith(self._ends)


class _RankedRule[R: Rule]:
    """A rule with its patterns made ready, and its place in the order."""

    def __init__(self, rule: R) -> None:
        self.rule = rule
        self.patterns = [Pattern(getattr(rule, field)) for field in PATTERNS]
        self.name = self.patterns[PATTERNS.index("name")]
        # Those that match anything need not be asked.
        self._asked = [(n, p) for n, p in enumerate(self.patterns) if not p.matches_anything]
        self.rank = (
            -sum(pattern.is_exact for pattern in self.patterns),
            -sum(pattern.literal_length for pattern in self.patterns),
            rule.pk,
        )

    def matches(self, folded: Sequence[str]) -> bool:
        return all(pattern.matches(folded[place]) for place, pattern in self._asked)


class RuleBook[R: Rule]:
    """
    The rules in force, made ready to be asked about many titles.

    Rules are found by how the patterns of their names begin, so that a title is compared with few.
    """

    def __init__(self, rules: Iterable[R]) -> None:
        self._by_beginning: dict[int, dict[str, list[_RankedRule[R]]]] = defaultdict(
            lambda: defaultdict(list)
        )
        self._by_name: dict[str, list[_RankedRule[R]]] = defaultdict(list)
        for rule in rules:
            ranked = _RankedRule(rule)
            beginning = ranked.name.begins
            if ranked.name.is_exact:
                self._by_name[beginning].append(ranked)
            else:
                self._by_beginning[len(beginning)][beginning].append(ranked)

    def rule_for(self, title: Title) -> R | None:
        """The most specific rule that a title meets; None where it meets none."""
        folded = [text.casefold() for text in astuple(title)]
        met = (ranked for ranked in self._candidates(folded[1]) if ranked.matches(folded))
        best = min(met, key=lambda ranked: ranked.rank, default=None)
        return best.rule if best else None

    def _candidates(self, name: str) -> Iterator[_RankedRule[R]]:
        yield from self._by_name.get(name, ())
        for length, rules in self._by_beginning.items():
            yield from rules.get(name[:length], ())


def matches(rule: Rule) -> Callable[[Title], bool]:
    """Tells of a title whether it fits a rule, be there a more specific one or not."""
    book = RuleBook([rule])
    return lambda title: book.rule_for(title) is not None


class Named(Protocol):
    """What is called something."""

    @property
    def publisher(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def version(self) -> str: ...


def patterns_for(title: Named) -> dict[str, str]:
    """The patterns that a rule for a title begins with: its versions to come fit them too."""
    name = title.name
    if title.version and title.version in name:
        name = name.replace(title.version, ANY)
    return {"publisher": title.publisher, "name": name}
