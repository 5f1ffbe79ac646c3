"""A second, naive reading of the rules of consolidate, to hold the real core against.

Every rule stands here as the specification words it (quoted beside it), and is worked out anew
from whole lists each time it is asked: nothing is cached, indexed or split into parts. It shares
no code with ``allocation``; where the two answer differently, one of them misreads the text.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

Document = dict[str, Any]

WEAKEST_BASIS_FIRST = ["uncovered", "continuity", "portal", "serial"]
DAYS_WHERE_MATCH_DAYS_IS_0 = 30


@dataclass(eq=False, kw_only=True)
class Definition:
    id: str
    grace_days: int
    match_days: int


@dataclass(eq=False, kw_only=True)
class License:
    place: int
    id: str
    company: str
    title: str
    units: int
    purchased_on: int
    serial: str
    expires_on: int | None
    taken: int


@dataclass(eq=False, kw_only=True)
class Position:
    place: int
    id: str
    definition: Definition
    company: str
    title: str
    quantity: int
    starts_on: int
    purchased_on: int
    returned: int
    serial: str
    ends_on: int | None
    unit_price: Decimal | None
    currency: str | None
    may_be_matched: bool


@dataclass(eq=False, kw_only=True)
class Return:
    place: int
    id: str
    definition: Definition
    company: str
    title: str
    quantity: int
    returned_on: int
    unit_price: Decimal | None
    currency: str | None
    assigned: int


@dataclass(eq=False, kw_only=True)
class Authorization:
    place: int
    id: str
    company: str
    title: str
    units: int
    approved_on: int
    active: bool
    license: License | None


@dataclass(eq=False, kw_only=True)
class Order:
    place: int
    authorization: Authorization
    definition: Definition
    promised_end: int
    ordered_on: int


@dataclass(eq=False, kw_only=True)
class Downgrade:
    license: License
    title: str
    order: int
    starts_on: int | None
    ends_on: int | None


@dataclass(eq=False, kw_only=True)
class Row:
    """An allocation. A row that the run makes has no id and no place: nothing asks for them."""

    place: int | None
    id: str | None
    position: Position
    license: License
    units: int
    basis: str
    live: bool = True


def naive_result(scenario: Document) -> Document:
    """Answer a valid scenario document with the six lists of its result.

    "The steps run in this order."
    """
    run = NaiveRun(scenario)
    run.release()
    run.assign_returns()
    run.end_over_allocation()
    run.give_licenses_to_authorizations()
    run.match_and_allocate_serials()
    run.allocate_portal()
    run.allocate_everything_else()
    return run.result


class NaiveRun:
    def __init__(self, scenario: Document) -> None:
        self.day = day_of(scenario["as_of"])
        self.definitions = [read_definition(entry) for entry in entries(scenario, "definitions")]
        self.licenses = read_each(scenario, "licenses", read_license)
        self.positions = read_each(scenario, "positions", self.read_position)
        self.returns = read_each(scenario, "returns", self.read_return)
        self.authorizations = read_each(scenario, "authorizations", self.read_authorization)
        self.orders = read_each(scenario, "orders", self.read_order)
        self.downgrades = [self.read_downgrade(entry) for entry in entries(scenario, "downgrades")]
        self.rows = read_each(scenario, "allocations", self.read_row)
        self.kept_apart = [
            (entry["position"], entry["license"]) for entry in entries(scenario, "kept_apart")
        ]
        self.result: Document = {
            "returned": [],
            "released": [],
            "deallocated": [],
            "assigned": [],
            "serials": [],
            "allocated": [],
        }

    # --- Predicates ---------------------------------------------------------------------------

    def known(self, record: License | Position | Return | Authorization | Order) -> bool:
        """ "A record dated after D takes no part … an order whose authorization is not known
        waits too."
        """
        match record:
            case License() | Position():
                return record.purchased_on <= self.day
            case Return():
                return record.returned_on <= self.day
            case Authorization():
                return record.approved_on <= self.day
            case Order():
                return record.ordered_on <= self.day and self.known(record.authorization)

    def live_rows_of(self, p: Position) -> list[Row]:
        return [row for row in self.rows if row.live and row.position is p]

    def live_rows_on(self, license: License) -> list[Row]:
        return [row for row in self.rows if row.live and row.license is license]

    def net(self, p: Position) -> int:
        """ "net(p) = quantity - returned." """
        return p.quantity - p.returned

    def used(self, p: Position) -> int:
        """ "used(p) = sum of the units on its live rows." """
        return sum(row.units for row in self.live_rows_of(p))

    def free(self, p: Position) -> int:
        """ "free(p) = net - used." """
        return self.net(p) - self.used(p)

    def open(self, p: Position) -> bool:
        """ "known, and no end date or end > D" """
        return self.known(p) and ends_after(p, self.day)

    def expired(self, p: Position) -> bool:
        """ "end date given and end < D" """
        return p.ends_on is not None and p.ends_on < self.day

    def in_effect(self, p: Position) -> bool:
        """ "start ≤ D + grace days of its definition" """
        return p.starts_on <= self.day + p.definition.grace_days

    def valid(self, license: License) -> bool:
        """ "known, units > 0, and no expiry or expiry ≥ D" """
        return (
            self.known(license)
            and license.units > 0
            and (license.expires_on is None or license.expires_on >= self.day)
        )

    def fits(self, p: Position, license: License) -> bool:
        """ "open(p), valid(l), same company and title, l.units ≤ free(p), and p has no live row
        on l"; and "pairs … that a person has parted; no step allocates them".
        """
        return (
            self.open(p)
            and self.valid(license)
            and same_company_and_title(p, license)
            and license.units <= self.free(p)
            and not any(row.license is license for row in self.live_rows_of(p))
            and (p.id, license.id) not in self.kept_apart
        )

    def cover(self, license: License, d: Definition) -> list[Row]:
        """ "live rows on l whose position has definition d and is not expired; started or not,
        open or not"
        """
        return [
            row
            for row in self.live_rows_on(license)
            if row.position.definition is d and not self.expired(row.position)
        ]

    # --- Orders -------------------------------------------------------------------------------

    def positions_in_order(self) -> list[Position]:
        return sorted(self.positions, key=order_of_position)

    def licenses_in_order(self) -> list[License]:
        return sorted(self.licenses, key=order_of_license)

    def authorizations_in_order(self) -> list[Authorization]:
        """ "by approval date then appearance" """
        return sorted(self.authorizations, key=lambda a: (a.approved_on, a.place))

    # --- What a run changes -------------------------------------------------------------------

    def allocate(self, p: Position, license: License, basis: str) -> None:
        """ "position ↔ license, carrying all the license's units" """
        self.rows.append(
            Row(place=None, id=None, position=p, license=license, units=license.units, basis=basis)
        )
        self.result["allocated"].append(
            {"position": p.id, "license": license.id, "units": license.units, "basis": basis}
        )

    def end(self, row: Row, reason: str) -> None:
        """ "Nothing a run creates is ended by the same run." """
        assert row.id is not None, "the rules would end a row that this run made"
        row.live = False
        self.result["deallocated"].append({"allocation": row.id, "reason": reason})

    # --- 1. Release ---------------------------------------------------------------------------

    def release(self) -> None:
        for a in self.authorizations:
            reason = self.reason_to_release(a)
            if reason is not None:
                self.release_authorization(a, reason)
        # "Then, where the authorizations on a license need more units than it has: …"
        for license in self.licenses:
            if self.known(license):
                self.release_what_the_license_cannot_carry(license)
        for row in self.rows:
            reason = self.reason_to_end(row)
            if reason is not None:
                self.end(row, reason)

    def reason_to_release(self, a: Authorization) -> str | None:
        """ "An authorization that holds a license is released: where it is no longer active; else,
        its license being known, where that is no longer valid, or else is of another company, or
        of another title without a downgrade right to the authorization's title in force on D."
        """
        if a.license is None or not self.known(a):
            return None
        if not a.active:
            return "revoked"
        if not self.known(a.license):
            return None
        if not self.valid(a.license):
            return "license-invalid"
        if a.license.company != a.company:
            return "license-changed"
        if a.license.title != a.title and not self.downgrades_in_force(a.license, a.title):
            return "license-changed"
        return None

    def release_what_the_license_cannot_carry(self, license: License) -> None:
        """ "in order of approval date, then appearance, those are kept that still fit beside those
        already kept, the others are released"
        """
        units_kept = 0
        for a in self.authorizations_in_order():
            if a.license is not license or not self.known(a):
                continue
            if units_kept + a.units <= license.units:
                units_kept += a.units
            else:
                self.release_authorization(a, "over-allocated")

    def release_authorization(self, a: Authorization, reason: str) -> None:
        a.license = None
        self.result["released"].append({"authorization": a.id, "reason": reason})

    def reason_to_end(self, row: Row) -> str | None:
        """ "A live row of an open position on a known license is ended: where the license is no
        longer valid; else where the row's units differ from the license's, or the position's
        company or title from the license's."
        """
        if not self.open(row.position) or not self.known(row.license):
            return None
        if not self.valid(row.license):
            return "license-invalid"
        if row.units != row.license.units or not same_company_and_title(row.position, row.license):
            return "license-changed"
        return None

    # --- 2. Returns ---------------------------------------------------------------------------

    def assign_returns(self) -> None:
        """ "Returns are worked one after the other, both passes each, by return date, then
        appearance."
        """
        for r in sorted(self.returns, key=lambda r: (r.returned_on, r.place)):
            if self.known(r):
                self.assign_return(r)

    def assign_return(self, r: Return) -> None:
        taken_by_position: dict[str, int] = {}
        # "First pass: at most free(p) from each (never below zero)."
        self.take_back(r, lambda p: max(self.free(p), 0), taken_by_position)
        # "Second pass, in the same order: at most what is left of net(p), allocated or not."
        self.take_back(r, self.net, taken_by_position)
        for position, units in taken_by_position.items():
            self.result["returned"].append({"return": r.id, "position": position, "units": units})

    def take_back(
        self, r: Return, limit: Callable[[Position], int], taken_by_position: dict[str, int]
    ) -> None:
        for p in self.positions_for(r):
            units = min(r.quantity - r.assigned, limit(p))
            if units > 0:
                p.returned += units  # "Each unit taken raises the position's returned."
                r.assigned += units
                taken_by_position[p.id] = taken_by_position.get(p.id, 0) + units

    def positions_for(self, r: Return) -> list[Position]:
        """ "positions of the same key that are open and were purchased on or before the return, in
        the order: same unit price and currency first (none equals only none), then newest
        purchase, then latest appearance"
        """
        return sorted(
            (
                p
                for p in self.positions
                if (p.company, p.definition, p.title) == (r.company, r.definition, r.title)
                and self.open(p)
                and p.purchased_on <= r.returned_on
            ),
            key=lambda p: (not same_price(p, r), -p.purchased_on, -p.place),
        )

    # --- 3. Over-allocation -------------------------------------------------------------------

    def end_over_allocation(self) -> None:
        """ "While an open position's used units exceed its net, one row is ended whole." """
        for p in self.positions:
            while self.open(p) and self.used(p) > self.net(p):
                self.end(self.row_to_end(p), "over-allocated")

    def row_to_end(self, p: Position) -> Row:
        """ "chosen among its rows that are not manual, or among the manual ones where no other is
        left: the row of exactly the excess; else the smallest row larger than the excess; else
        the largest row"
        """
        rows = self.live_rows_of(p)
        candidates = [row for row in rows if row.basis != "manual"] or rows
        excess = self.used(p) - self.net(p)
        exact = [row for row in candidates if row.units == excess]
        if exact:
            return first_to_end(exact)
        larger = [row for row in candidates if row.units > excess]
        if larger:
            smallest = min(row.units for row in larger)
            return first_to_end(row for row in larger if row.units == smallest)
        largest = max(row.units for row in candidates)
        return first_to_end(row for row in candidates if row.units == largest)

    # --- 4. Licenses to authorizations --------------------------------------------------------

    def give_licenses_to_authorizations(self) -> None:
        """ "Each active authorization without a license, by approval date then appearance" """
        for a in self.authorizations_in_order():
            if a.active and a.license is None and self.known(a):
                self.draw_license(a)

    def draw_license(self, a: Authorization) -> None:
        """ "draws its units from a valid license of its company with enough units left" """
        for license in self.licenses_for(a):
            if (
                self.valid(license)
                and license.company == a.company
                and self.units_left(license) >= a.units
            ):
                a.license = license
                self.result["assigned"].append({"authorization": a.id, "license": license.id})
                return

    def units_left(self, license: License) -> int:
        """ "units - units taken by other allocations - those of all authorizations on it" """
        return (
            license.units
            - license.taken
            - sum(a.units for a in self.authorizations if a.license is license)
        )

    def licenses_for(self, a: Authorization) -> list[License]:
        """ "licenses of its own title first, in license order; then licenses of other titles with
        a downgrade right to its title in force on D, by the right's order (the lowest, where
        there are several), then in license order"
        """
        own = [license for license in self.licenses_in_order() if license.title == a.title]
        others = [
            license
            for license in self.licenses_in_order()
            if license.title != a.title and self.downgrades_in_force(license, a.title)
        ]
        others.sort(
            key=lambda license: min(g.order for g in self.downgrades_in_force(license, a.title))
        )
        return own + others

    def downgrades_in_force(self, license: License, title: str) -> list[Downgrade]:
        """ "in force on D (start and end both count)" """
        return [
            g
            for g in self.downgrades
            if g.license is license
            and g.title == title
            and (g.starts_on is None or g.starts_on <= self.day)
            and (g.ends_on is None or g.ends_on >= self.day)
        ]

    # --- 5. Pre-processing and 6. Serial number -----------------------------------------------

    def match_and_allocate_serials(self) -> None:
        """ "Steps 5 and 6 repeat until neither changes anything." """
        changed = True
        while changed:
            matched = self.match_serials()
            allocated = self.allocate_serials()
            changed = matched or allocated

    def match_serials(self) -> bool:
        """ "Each open position with no serial number, net > 0 and no live row, one at a time by
        purchase date then appearance"; but for one whose match a person has cleared with the wish
        not to match it again.
        """
        changed = False
        for p in sorted(self.positions, key=lambda p: (p.purchased_on, p.place)):
            unmatched = self.open(p) and not p.serial and p.may_be_matched
            if unmatched and self.net(p) > 0 and not self.live_rows_of(p):
                changed = self.match_serial(p) or changed
        return changed

    def match_serial(self, p: Position) -> bool:
        """ "Of several groups: the one whose newest license was bought nearest to the position,
        then the lower serial number. The position takes the group's serial number."
        """
        serials = {license.serial for license in self.licenses if license.serial}
        matching = [serial for serial in serials if self.group_matches(p, serial)]
        if not matching:
            return False
        p.serial = min(
            matching,
            key=lambda serial: (
                p.purchased_on - max(license.purchased_on for license in self.group(p, serial)),
                serial,
            ),
        )
        self.result["serials"].append({"position": p.id, "serial": p.serial})
        return True

    def group(self, p: Position, serial: str) -> list[License]:
        """ "all valid licenses of its company and title that share one serial number" """
        return [
            license
            for license in self.licenses
            if self.valid(license)
            and same_company_and_title(p, license)
            and license.serial == serial
        ]

    def group_matches(self, p: Position, serial: str) -> bool:
        """ "whose units add up to exactly the position's net, every one bought before the position
        and at most N days before it. N is the definition's maximum days, or 30 where that is 0."
        """
        group = self.group(p, serial)
        days = p.definition.match_days or DAYS_WHERE_MATCH_DAYS_IS_0
        return (
            len(group) > 0
            and sum(license.units for license in group) == self.net(p)
            and all(1 <= p.purchased_on - license.purchased_on <= days for license in group)
            and not self.carried_already(p, serial)
        )

    def carried_already(self, p: Position, serial: str) -> bool:
        """ "A group for which an open position of the same key already carries the serial is
        passed over."
        """
        return any(
            self.open(other)
            and (other.company, other.definition, other.title) == (p.company, p.definition, p.title)
            and other.serial == serial
            for other in self.positions
        )

    def allocate_serials(self) -> bool:
        """ "For each open position in order that has a serial number" """
        changed = False
        for p in self.positions_in_order():
            if self.open(p) and p.serial:
                for license in self.licenses_of_serial(p):
                    changed = self.allocate_serial(p, license) or changed
        return changed

    def licenses_of_serial(self, p: Position) -> list[License]:
        """ "the licenses of its company and title with that serial, those without conflict first,
        then in license order (both as they stand when the position's turn comes)"
        """
        licenses = [
            license
            for license in self.licenses_in_order()
            if same_company_and_title(p, license) and license.serial == p.serial
        ]
        return sorted(licenses, key=lambda license: len(self.conflicts(p, license)) > 0)

    def allocate_serial(self, p: Position, license: License) -> bool:
        """ "Each license that it fits and that is without conflict, is allocated …, also ahead of
        the position's start. One with conflict is allocated only by a position in effect, which
        displaces … all conflicting rows are ended."
        """
        if not self.fits(p, license):
            return False
        conflicts = self.conflicts(p, license)
        if conflicts and not self.in_effect(p):
            return False
        if any(self.blocks(row, license) for row in conflicts):
            return False
        for row in conflicts:
            self.end(row, "serial-displaced")
        self.allocate(p, license, "serial")
        return True

    def conflicts(self, p: Position, license: License) -> list[Row]:
        """ "a row in cover(l, d) whose position's period overlaps p's (first and last day count),
        unless p follows it or it follows p"
        """
        return [
            row
            for row in self.cover(license, p.definition)
            if overlap(row.position, p)
            and not follows(p, row.position)
            and not follows(row.position, p)
        ]

    def blocks(self, row: Row, license: License) -> bool:
        """ "A conflicting row blocks the license where its position carries the license's serial
        number too, or it is manual, or its position is not open."
        """
        return (
            row.position.serial == license.serial
            or row.basis == "manual"
            or not self.open(row.position)
        )

    # --- 7. Portal ----------------------------------------------------------------------------

    def allocate_portal(self) -> None:
        """ "For each order with a promised end on or after D, by order date then appearance, whose
        authorization has a license l"
        """
        for o in sorted(self.orders, key=lambda o: (o.ordered_on, o.place)):
            if self.known(o) and o.promised_end >= self.day and o.authorization.license:
                self.keep_promise(o, o.authorization.license)

    def keep_promise(self, o: Order, license: License) -> None:
        """ "nothing to do where a row in cover(l, d) has no end or ends on or after the promised
        end. Else, of the positions of that definition that fit l, are in effect, and have no end
        or end on or after the promised end: …"
        """
        cover = self.cover(license, o.definition)
        if any(ends_on_or_after(row.position, o.promised_end) for row in cover):
            return
        candidates = [
            p
            for p in self.positions_in_order()
            if p.definition is o.definition
            and self.fits(p, license)
            and self.in_effect(p)
            and ends_on_or_after(p, o.promised_end)
        ]
        # "the one with the smallest excess of its end over the promise (no end = largest), then
        # in order of positions"
        candidates.sort(key=end_with_none_last)
        if candidates:
            self.allocate(candidates[0], license, "portal")

    # --- 8. Everything else -------------------------------------------------------------------

    def allocate_everything_else(self) -> None:
        """ "For each definition, repeat (a) to exhaustion (until a pass adds nothing), then (b)
        once, until neither adds a row."
        """
        for d in self.definitions:
            added = True
            while added:
                added = False
                while self.continue_cover(d):
                    added = True
                added = self.cover_uncovered(d) or added

    def continue_cover(self, d: Definition) -> bool:
        """(a) "The valid licenses with cover, none of it endless; E = the latest end of that cover
        when the pass begins. In order of E, then license order … At most one row a license in
        each pass."
        """
        ends = [
            (self.latest_end(license, d), license)
            for license in self.licenses_in_order()
            if self.valid(license)
        ]
        licenses = [(end, license) for end, license in ends if end is not None]
        licenses.sort(key=lambda end_and_license: end_and_license[0])
        added = False
        for end, license in licenses:
            added = self.continue_license(d, license, end) or added
        return added

    def latest_end(self, license: License, d: Definition) -> int | None:
        """Give E, or None where there is no cover, or endless cover."""
        ends = [row.position.ends_on for row in self.cover(license, d)]
        given = [end for end in ends if end is not None]
        return max(given) if given and len(given) == len(ends) else None

    def continue_license(self, d: Definition, license: License, end: int) -> bool:
        """ "each takes the first position (in order) of that definition that fits, starts within
        ± grace days of E (both ends count), and has no end or ends after E"
        """
        for p in self.positions_in_order():
            if (
                p.definition is d
                and self.fits(p, license)
                and end - d.grace_days <= p.starts_on <= end + d.grace_days
                and ends_after(p, end)
            ):
                self.allocate(p, license, "continuity")
                return True
        return False

    def cover_uncovered(self, d: Definition) -> bool:
        """(b) "The valid licenses that have no row in cover whose position is in effect: first
        those whose last cover … was at most grace days before D; then the rest; each in license
        order."
        """
        uncovered = [
            license
            for license in self.licenses_in_order()
            if self.valid(license)
            and not any(self.in_effect(r.position) for r in self.cover(license, d))
        ]
        lapsed = [license for license in uncovered if self.lapsed_within_grace(license, d)]
        rest = [license for license in uncovered if not self.lapsed_within_grace(license, d)]
        added = False
        for license in lapsed + rest:
            added = self.cover_license(d, license) or added
        return added

    def lapsed_within_grace(self, license: License, d: Definition) -> bool:
        """ "last cover of this definition (the latest end among live rows whose positions have
        expired)"
        """
        ends = [
            row.position.ends_on
            for row in self.live_rows_on(license)
            if row.position.definition is d
            and self.expired(row.position)
            and row.position.ends_on is not None
        ]
        return len(ends) > 0 and self.day - max(ends) <= d.grace_days

    def cover_license(self, d: Definition, license: License) -> bool:
        """ "Each takes the first position of that definition that fits and is in effect: of those
        that outlast D + grace days (or have no end) first, then of the others, in order of
        positions."
        """
        candidates = [
            p
            for p in self.positions_in_order()
            if p.definition is d and self.fits(p, license) and self.in_effect(p)
        ]
        candidates.sort(key=lambda p: not ends_after(p, self.day + d.grace_days))
        if not candidates:
            return False
        self.allocate(candidates[0], license, "uncovered")
        return True

    # --- Reading the document -----------------------------------------------------------------

    def definition_named(self, identifier: str) -> Definition:
        return next(d for d in self.definitions if d.id == identifier)

    def license_named(self, identifier: str) -> License:
        return next(license for license in self.licenses if license.id == identifier)

    def read_position(self, place: int, entry: Document) -> Position:
        return Position(
            place=place,
            id=entry["id"],
            definition=self.definition_named(entry["definition"]),
            company=entry["company"],
            title=entry["title"],
            quantity=entry["quantity"],
            starts_on=day_of(entry["starts_on"]),
            purchased_on=day_of(entry["purchased_on"]),
            returned=entry.get("returned") or 0,
            serial=entry.get("serial") or "",
            ends_on=optional_day_of(entry.get("ends_on")),
            unit_price=optional_price_of(entry.get("unit_price")),
            currency=entry.get("currency"),
            may_be_matched=entry.get("may_be_matched") is not False,
        )

    def read_return(self, place: int, entry: Document) -> Return:
        return Return(
            place=place,
            id=entry["id"],
            definition=self.definition_named(entry["definition"]),
            company=entry["company"],
            title=entry["title"],
            quantity=entry["quantity"],
            returned_on=day_of(entry["returned_on"]),
            unit_price=optional_price_of(entry.get("unit_price")),
            currency=entry.get("currency"),
            assigned=entry.get("assigned") or 0,
        )

    def read_authorization(self, place: int, entry: Document) -> Authorization:
        held = entry.get("license")
        return Authorization(
            place=place,
            id=entry["id"],
            company=entry["company"],
            title=entry["title"],
            units=entry["units"],
            approved_on=day_of(entry["approved_on"]),
            active=entry.get("active") is not False,
            license=None if held is None else self.license_named(held),
        )

    def read_order(self, place: int, entry: Document) -> Order:
        return Order(
            place=place,
            authorization=next(a for a in self.authorizations if a.id == entry["authorization"]),
            definition=self.definition_named(entry["definition"]),
            promised_end=day_of(entry["promised_end"]),
            ordered_on=day_of(entry["ordered_on"]),
        )

    def read_downgrade(self, entry: Document) -> Downgrade:
        return Downgrade(
            license=self.license_named(entry["license"]),
            title=entry["title"],
            order=entry["order"],
            starts_on=optional_day_of(entry.get("starts_on")),
            ends_on=optional_day_of(entry.get("ends_on")),
        )

    def read_row(self, place: int, entry: Document) -> Row:
        return Row(
            place=place,
            id=entry["id"],
            position=next(p for p in self.positions if p.id == entry["position"]),
            license=self.license_named(entry["license"]),
            units=entry["units"],
            basis=entry["basis"],
        )


def same_company_and_title(p: Position, license: License) -> bool:
    return p.company == license.company and p.title == license.title


def same_price(p: Position, r: Return) -> bool:
    """ "none equals only none"; "prices [compare] as numbers" """
    return p.unit_price == r.unit_price and p.currency == r.currency


def ends_after(p: Position, day: int) -> bool:
    return p.ends_on is None or p.ends_on > day


def ends_on_or_after(p: Position, day: int) -> bool:
    return p.ends_on is None or p.ends_on >= day


def overlap(p: Position, q: Position) -> bool:
    """ "overlaps (first and last day count)" """
    return ends_on_or_after(p, q.starts_on) and ends_on_or_after(q, p.starts_on)


def follows(p: Position, r: Position) -> bool:
    """ "r has an end; p starts within ± grace days of that end (both ends count); p starts after r
    starts; p has no end or ends after it"
    """
    grace_days = p.definition.grace_days
    return (
        r.ends_on is not None
        and r.ends_on - grace_days <= p.starts_on <= r.ends_on + grace_days
        and p.starts_on > r.starts_on
        and ends_after(p, r.ends_on)
    )


def end_with_none_last(p: Position) -> tuple[bool, int]:
    return (p.ends_on is None, p.ends_on or 0)


def order_of_position(p: Position) -> tuple[int, tuple[bool, int], int, int]:
    """ "start, end (none = last), purchase date, appearance" """
    return (p.starts_on, end_with_none_last(p), p.purchased_on, p.place)


def order_of_license(license: License) -> tuple[int, str, int]:
    """ "purchase date, serial number (none = empty text), appearance" """
    return (license.purchased_on, license.serial, license.place)


def first_to_end(rows: Iterable[Row]) -> Row:
    """ "Ties: weakest basis first (uncovered, continuity, portal, serial), then the last to
    appear."
    """

    def weakest_then_last(row: Row) -> tuple[int, int]:
        assert row.place is not None, "a row that this run made cannot be too much"
        weakness = -1 if row.basis == "manual" else WEAKEST_BASIS_FIRST.index(row.basis)
        return (weakness, -row.place)

    return min(rows, key=weakest_then_last)


def entries(scenario: Document, name: str) -> list[Document]:
    """ "A key that is absent, null, or an empty list … means none." """
    return scenario.get(name) or []


def read_each[Record](
    scenario: Document, name: str, read: Callable[[int, Document], Record]
) -> list[Record]:
    """Read a list of records, each with its appearance: "the place in the list in a scenario"."""
    return [read(place, entry) for place, entry in enumerate(entries(scenario, name))]


def read_definition(entry: Document) -> Definition:
    return Definition(
        id=entry["id"],
        grace_days=entry.get("grace_days") or 0,
        match_days=entry.get("match_days") or 0,
    )


def read_license(place: int, entry: Document) -> License:
    return License(
        place=place,
        id=entry["id"],
        company=entry["company"],
        title=entry["title"],
        units=entry["units"],
        purchased_on=day_of(entry["purchased_on"]),
        serial=entry.get("serial") or "",
        expires_on=optional_day_of(entry.get("expires_on")),
        taken=entry.get("taken") or 0,
    )


def day_of(text: str) -> int:
    """Give the number of a day, so that no sum of days leaves the calendar."""
    return date.fromisoformat(text).toordinal()


def optional_day_of(text: str | None) -> int | None:
    return None if text is None else day_of(text)


def optional_price_of(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
