"""The run: all steps in their order, for one partition or for everything."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from itertools import chain

from allocation.core.authorizations import Settled, settle_authorizations
from allocation.core.groups import Group, groups_of
from allocation.core.key import Key
from allocation.core.preprocess import candidates_for, match_groups
from allocation.core.priorities import cover_promises, cover_the_rest
from allocation.core.release import release_of
from allocation.core.returns import end_over_allocation, spread_returns
from allocation.core.serials import allocate_by_serial
from allocation.core.terms import is_open, is_valid, order_of_licenses
from allocation.core.values import (
    Changes,
    Definition,
    Ended,
    License,
    Matched,
    Partition,
    Position,
    Promise,
    Return,
    Returned,
    Row,
    Snapshot,
)


def consolidate(snapshot: Snapshot) -> Changes:
    """What a run changes, over everything in a snapshot."""
    settled = settle_authorizations(
        snapshot.day, snapshot.licenses, snapshot.authorizations, snapshot.downgrades
    )
    outcomes = [
        consolidate_partition(snapshot.day, snapshot.definitions, partition)
        for partition in partitions_of(snapshot, settled)
    ]
    return Changes(
        returned=[each for outcome in outcomes for each in outcome.returned],
        released=settled.released,
        ended=[each for outcome in outcomes for each in outcome.ended],
        assigned=settled.assigned,
        matched=[each for outcome in outcomes for each in outcome.matched],
        allocated=[each for outcome in outcomes for each in outcome.allocated],
    )


def consolidate_partition(
    day: int, definitions: Mapping[int, Definition], partition: Partition
) -> Changes:
    """
    Steps 1 to 3 and 5 to 8 for one company and title; the rest of a snapshot does not matter to it.

    :param definitions: at least those of the partition's own positions
    """
    return run_partition(day, definitions, partition)[0]


def run_partition(
    day: int, definitions: Mapping[int, Definition], partition: Partition
) -> tuple[Changes, dict[int, Key]]:
    """As ``consolidate_partition``, with the keys as the run left them, by definition."""
    valid = sorted(
        (license for license in partition.licenses if is_valid(license, day)),
        key=order_of_licenses,
    )
    keys = _keys(day, definitions, partition)
    released = _enter_rows(day, keys, partition)
    returned: list[Returned] = []
    matched: list[Matched] = []
    groups = groups_of(valid)
    for definition_id, key in keys.items():
        returns = [each for each in partition.returns if each.definition == definition_id]
        returned += spread_returns(key, returns) if returns else ()
        end_over_allocation(key)
        matched += _match_and_allocate_by_serial(key, groups)
        promises = [each for each in partition.promises if each.definition == definition_id]
        if promises:
            cover_promises(key, promises, {license.id: license for license in valid})
        cover_the_rest(key, valid)
    ended = chain(released, *(key.ended for key in keys.values()))
    allocated = chain.from_iterable(key.allocated for key in keys.values())
    changes = Changes(returned=returned, ended=[*ended], matched=matched, allocated=[*allocated])
    return changes, keys


def _keys(day: int, definitions: Mapping[int, Definition], partition: Partition) -> dict[int, Key]:
    """The keys that have an open position: only there can anything change after step 1."""
    by_definition: dict[int, list[Position]] = {}
    for position in partition.positions:
        if is_open(position, day):
            by_definition.setdefault(position.definition, []).append(position)
    return {
        definition_id: Key(day, definitions[definition_id], positions, partition.kept_apart)
        for definition_id, positions in sorted(by_definition.items())
    }


def _enter_rows(day: int, keys: Mapping[int, Key], partition: Partition) -> list[Ended]:
    """
    Step 1 for allocations; what stays is entered into the books.

    A row between two partitions is judged in both, and told in that of its position.
    """
    if not partition.rows:
        return []
    own_positions = {position.id: position for position in partition.positions}
    own_licenses = {license.id: license for license in partition.licenses}
    released: list[Ended] = []
    for row in partition.rows:
        is_own = row.position in own_positions
        position = (own_positions if is_own else partition.other_positions)[row.position]
        on_own_license = row.license in own_licenses
        license = (own_licenses if on_own_license else partition.other_licenses)[row.license]
        if ending := release_of(row, position, license, day):
            released += [Ended(row, *ending)] if is_own else ()
        elif position.definition in keys:
            keys[position.definition].enter(row, position, on_own_license)
    return released


def _match_and_allocate_by_serial(key: Key, groups: Mapping[str, Group]) -> list[Matched]:
    """Steps 5 and 6, until neither changes anything: again only for those that were touched."""
    matched: list[Matched] = []
    if not groups or not key.has_room():
        return matched
    candidates = candidates_for(key, groups.values())
    places: Collection[int] = range(len(key.order))
    while places:
        matched += match_groups(key, candidates, places)
        places = allocate_by_serial(key, groups, places)
    return matched


def partitions_of(snapshot: Snapshot, settled: Settled) -> Iterable[Partition]:
    """The partitions of a snapshot by company and title, each with all that bears on it."""
    licenses = {license.id: license for license in snapshot.licenses}
    positions = {position.id: position for position in snapshot.positions}
    parts: defaultdict[tuple[int, int], _Parts] = defaultdict(_Parts)
    for license in snapshot.licenses:
        parts[license.company, license.title].licenses.append(license)
    for position in snapshot.positions:
        parts[position.company, position.title].positions.append(position)
    for each in snapshot.returns:
        parts[each.company, each.title].returns.append(each)
    for row in snapshot.rows:
        license, position = licenses[row.license], positions[row.position]
        home = (position.company, position.title)
        other = (license.company, license.title)
        parts[home].rows.append(row)
        if other != home:
            parts[home].other_licenses[license.id] = license
            parts[other].rows.append(row)
            parts[other].other_positions[position.id] = position
    for promise in _promises(snapshot, settled):
        license = licenses[promise.license]
        parts[license.company, license.title].promises.append(promise)
    apart = frozenset(snapshot.kept_apart)
    return [parts[key].partition(apart) for key in sorted(parts)]


def _promises(snapshot: Snapshot, settled: Settled) -> Iterable[Promise]:
    """The known orders whose authorization is known and has a license."""
    known = {each.id for each in snapshot.authorizations if each.approved_on <= snapshot.day}
    for order in snapshot.orders:
        license_id = settled.license_of.get(order.authorization)
        if license_id is not None and order.authorization in known:
            yield Promise(
                order.id, license_id, order.definition, order.promised_end, order.ordered_on
            )


class _Parts:
    """The lists of a partition while they are filled."""

    def __init__(self) -> None:
        self.licenses: list[License] = []
        self.positions: list[Position] = []
        self.rows: list[Row] = []
        self.returns: list[Return] = []
        self.promises: list[Promise] = []
        self.other_licenses: dict[int, License] = {}
        self.other_positions: dict[int, Position] = {}

    def partition(self, kept_apart: frozenset[tuple[int, int]]) -> Partition:
        return Partition(
            self.licenses,
            self.positions,
            self.rows,
            self.returns,
            self.promises,
            kept_apart,
            self.other_licenses,
            self.other_positions,
        )
