"""XML, an element at a time, by expat with everything switched off that could lead elsewhere."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from xml.parsers import expat

from common.limited import Refused
from deployments.formats.sources import Source

DEEPEST = 50
LONGEST_TEXT = 1 << 20
PIECE = 1 << 16


@dataclass(frozen=True)
class Element:
    """
    An element that has ended; its children came before it.

    :param line: where it ended
    :param path: the names from the root to it, without namespaces
    """

    line: int
    path: tuple[str, ...]
    attributes: dict[str, str]
    text: str


def root_of(source: Source) -> str:
    """The name of the first element; empty where it is no XML."""
    collector = _Collector()
    # It ends in the middle, or it is something else; what was seen before that counts.
    with suppress(expat.ExpatError, Refused, UnicodeError):
        collector.parser.Parse(source.beginning())
    return collector.root


def elements(source: Source) -> Iterator[Element]:
    """
    The elements of a file in the order in which they end.

    :raises Refused: where it is no whole XML, declares a document type, or is too deep
    """
    collector = _Collector()
    try:
        with source.open() as file:
            while piece := file.read(PIECE):
                collector.parser.Parse(piece)
                yield from collector.take()
        collector.parser.Parse(b"", True)
    except expat.ExpatError as problem:
        raise Refused(f"It is no whole XML ({problem}). Export it again") from None
    except (UnicodeError, LookupError):
        raise Refused("Its text is not in the encoding that it declares. Export it again") from None
    yield from collector.take()


class _Collector:
    """What expat tells, put together to elements."""

    def __init__(self) -> None:
        self.root = ""
        self._path: list[str] = []
        self._attributes: list[dict[str, str]] = []
        self._texts: list[list[str]] = []
        self._length = 0
        self._ended: list[Element] = []
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
        # Without a document type there are no entities but those of XML itself, and nothing is
        # fetched.
        self.parser.StartDoctypeDeclHandler = self._refuse_document_type
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._add

    def take(self) -> list[Element]:
        """The elements that ended since the last time."""
        ended, self._ended = self._ended, []
        return ended

    def _refuse_document_type(self, root: str, *_: object) -> None:
        self.root = root
        raise Refused("It declares a document type, which no inventory needs. Export it again")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self.root = self.root or _local(name)
        if len(self._path) >= DEEPEST:
            raise Refused(f"It nests deeper than {DEEPEST} levels, which no inventory does")
        self._path.append(_local(name))
        self._attributes.append({_local(key): value for key, value in attributes.items()})
        self._texts.append([])
        self._length = 0

    def _end(self, name: str) -> None:
        text = "".join(self._texts.pop()).strip()
        line = self.parser.CurrentLineNumber
        self._ended.append(Element(line, tuple(self._path), self._attributes.pop(), text))
        self._path.pop()
        self._length = 0

    def _add(self, text: str) -> None:
        self._length += len(text)
        if self._length > LONGEST_TEXT:
            raise Refused("One of its texts is far too long for an inventory")
        self._texts[-1].append(text)


def _local(name: str) -> str:
    """A name without the namespace that expat puts before it."""
    return name.rpartition(" ")[2]
