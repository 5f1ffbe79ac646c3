"""
Which software models the rules of discovery make of titles that inventories found.

Rules hold for all companies. Whoever matches titles holds the lock of the rules to the end of the
transaction: imports share it, a change of the rules has it alone. So no title is matched by rules
that another transaction is changing.
"""

from collections.abc import Iterable, Iterator

from common.sql import rows_of, run
from contracts.discovery import RuleBook, Title
from contracts.models import DiscoveryMap

RULE_LOCKS = 0x4C47  # an advisory lock of its own class; there is one set of rules


class RulesAreInUse(Exception):
    """Titles are being matched by the rules, or somebody changes them; the message says so."""


def hold_rules() -> None:
    """Keep the rules as they are until the transaction ends; waits for whoever changes them."""
    run("SELECT pg_advisory_xact_lock_shared(%s, 0)", [RULE_LOCKS])


def hold_rules_alone() -> None:
    """
    Begin to change rules: nobody else matches titles until the transaction ends.

    :raises RulesAreInUse: if somebody does; an import may take minutes, which no page waits for
    """
    ((is_held,),) = rows_of("SELECT pg_try_advisory_xact_lock(%s, 0)", [RULE_LOCKS])
    if not is_held:
        raise RulesAreInUse(
            "An inventory is being imported, or somebody else is changing rules."
            " Try again when that is done."
        )


def rules_in_force() -> list[DiscoveryMap]:
    return list(DiscoveryMap.objects.filter(withdrawn_at=None))


FoundTitle = tuple[int, str, str, str, str, str, str]


def matched(
    titles: Iterable[FoundTitle], rules: Iterable[DiscoveryMap]
) -> Iterator[tuple[int, DiscoveryMap | None]]:
    """
    The rule that each title meets.

    :param titles: the id of each, then publisher, name, version, edition, platform and language
    """
    book = RuleBook(rules)
    for title in titles:
        yield title[0], book.rule_for(as_title(title))


def as_title(title: FoundTitle) -> Title:
    _, publisher, name, version, edition, platform, language = title
    return Title(
        publisher=publisher,
        name=name,
        version=version,
        edition=edition,
        platform=platform,
        language=language,
    )
