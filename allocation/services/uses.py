"""
What a person lets use a license: deployments, reservations, people and devices.

Rule: the specification of the numbers, *Rules*. All uses of a license draw on one pool; what is
available is decided under the lock of the company's numbers, and written before it is free again.
"""

from datetime import date
from typing import Any

from django.db.models import Model
from django.utils import timezone

from accounts.models import Person, User
from allocation.models import Allocation, AllocationQuerySet, ReservationKind
from allocation.services.by_hand import demand_live
from allocation.services.numbers import available_units, refresh_use
from common.acting import acting
from common.locks import hold_numbers, hold_shared, keep_referable
from common.shown import day_text
from contracts.models import Product
from deployments.counting import deployment_of
from deployments.models import Deployment, DeploymentMetric, Device
from entitlements.metric_rules import allocates_to
from entitlements.models import CountedBy, Entitlement, Kind, LicenseKey
from entitlements.queries import with_state
from entitlements.services import KeyWithdrawn, standing_key
from entitlements.states import State

MOST_UNITS = 2**31 - 1


class UseRefused(Exception):
    """
    A license cannot be used so; the message says why, with the figures.

    ``field`` tells of which field of a form it speaks; empty: of none.
    """

    field = ""


class NotALicense(UseRefused):
    """Maintenance extends licenses; it is not used itself."""


class BeyondAvailable(UseRefused):
    """More units are asked for than the license has left."""

    field = "quantity"


class QuantityImpossible(UseRefused):
    """The quantity is no number of units that can be given to such a target."""

    field = "quantity"


class MetricUnknown(UseRefused):
    """Deployments are counted by installs or by users."""

    field = "metric"


class AlreadyTracked(UseRefused):
    """A license tracks a product under one metric once."""

    field = "product"


class ReservationImpossible(UseRefused):
    """A reservation needs a kind and a label, and stands once."""

    field = "label"


class PersonRefused(UseRefused):
    """The person cannot hold the license, or holds it already."""

    field = "person"


class KeyRefused(UseRefused):
    """The license key is not one that can be given."""

    field = "license_key"


class DeviceRefused(UseRefused):
    """The device cannot hold the license, or holds it already."""

    field = "device"


def track_deployment(
    *,
    license: Entitlement,
    product: Product,
    metric: str,
    quantity: int,
    day: date,
    by: User,
    notes: str = "",
) -> Allocation:
    """
    Let a deployment use a license.

    :param metric: of ``DeploymentMetric``: how the deployment is counted
    :param quantity: units; 0: unlimited, whatever is deployed, also beyond what is available
    :param day: today, on which it is made
    :raises UseRefused: (one of its kinds) where a rule forbids it; nothing is written
    :raises CompanyIsBusy: while a run has the company
    """
    _demand_license(license)
    _demand_metric(metric)
    _demand_quantity(quantity, least=0)
    with acting(by, f"Tracked {product.vendor} {product}"):
        hold_shared(license.company_id)
        deployment = deployment_of(license.company_id, product)
        _hold_pool(license, deployment)
        _refuse_tracked_twice(license, deployment, metric)
        return _make(
            license,
            quantity=quantity,
            notes=notes,
            day=day,
            by=by,
            deployment=deployment,
            metric=metric,
        )


def reserve(
    *,
    license: Entitlement,
    kind: str,
    label: str,
    quantity: int,
    day: date,
    by: User,
    notes: str = "",
) -> Allocation:
    """
    Set units of a license aside.

    :param kind: of ``ReservationKind``
    :param label: for whom or what: the department, the project
    :param day: today, on which it is made
    :raises UseRefused: (one of its kinds) where a rule forbids it; nothing is written
    :raises CompanyIsBusy: while a run has the company
    """
    _demand_license(license)
    label = _label(kind, label)
    _demand_quantity(quantity, least=1)
    with acting(by, f"Reserved for {label}"):
        hold_shared(license.company_id)
        _hold_pool(license)
        _refuse_reserved_twice(license, kind, label)
        return _make(
            license,
            quantity=quantity,
            notes=notes,
            day=day,
            by=by,
            reservation_kind=kind,
            reservation_label=label,
        )


def allocate_to_person(
    *,
    license: Entitlement,
    person: Person,
    quantity: int,
    day: date,
    by: User,
    notes: str = "",
    license_key: LicenseKey | None = None,
) -> Allocation:
    """
    Give units of a license to a person, where its metric counts people.

    :param day: today, on which it is made
    :param license_key: the key of the license that the person gets with it, if they get one
    :raises UseRefused: (one of its kinds) where a rule forbids it; nothing is written
    :raises CompanyIsBusy: while a run has the company
    """
    _demand_license(license)
    _demand_quantity(quantity, least=1)
    _demand_person(license, person, day)
    with acting(by, f"Allocated to {person}"):
        hold_shared(license.company_id)
        _hold_pool(license, person, key=license_key)
        if (held := _live_uses(license).filter(person=person).first()) is not None:
            raise PersonRefused(f"{person} holds {_amount(held)} of {license} already.")
        return _make(
            license,
            quantity=quantity,
            notes=notes,
            day=day,
            by=by,
            person=person,
            license_key=license_key,
        )


def allocate_to_device(
    *,
    license: Entitlement,
    device: Device,
    quantity: int,
    day: date,
    by: User,
    notes: str = "",
    license_key: LicenseKey | None = None,
) -> Allocation:
    """
    Give units of a license to a device, where its metric counts devices.

    :param day: today, on which it is made
    :param license_key: the key of the license that is used on the device, if one is
    :raises UseRefused: (one of its kinds) where a rule forbids it; nothing is written
    :raises CompanyIsBusy: while a run has the company
    """
    _demand_license(license)
    _demand_quantity(quantity, least=1)
    _demand_device(license, device, day)
    with acting(by, f"Allocated to {device}"):
        hold_shared(license.company_id)
        _hold_pool(license, device, key=license_key)
        if (held := _live_uses(license).filter(device=device).first()) is not None:
            raise DeviceRefused(f"{device} holds {_amount(held)} of {license} already.")
        return _make(
            license,
            quantity=quantity,
            notes=notes,
            day=day,
            by=by,
            device=device,
            license_key=license_key,
        )


def change_use(
    *,
    allocation: Allocation,
    quantity: int,
    notes: str,
    day: date,
    by: User,
    reason: str = "",
    license_key: LicenseKey | None = None,
) -> None:
    """
    Change how much a use takes of its license, and what is noted about it.

    The new quantity is checked against what is available and what the use consumes now. Lowering
    what it takes always passes, and so does making it unlimited.

    :param day: today
    :param license_key: the one that the person or device has from now on; None: none
    :param reason: what the history is to say; a usual sentence where it is empty
    :raises UseRefused: (one of its kinds) where a rule forbids it; nothing is written
    :raises AlreadyEnded: if another person ended it
    :raises CompanyIsBusy: while a run has the company
    """
    if not allocation.is_use:
        raise NotALicense(f"{allocation} covers a license: it has the units of that license.")
    _demand_quantity(quantity, least=0 if allocation.deployment_id is not None else 1)
    with acting(by, reason or "Allocation changed"):
        hold_shared(allocation.company_id)
        _hold_key(allocation.entitlement, license_key, had=allocation.license_key_id)
        hold_numbers(allocation.company_id)
        row = Allocation.objects.select_for_update().get(pk=allocation.pk)
        demand_live(row)
        # What it consumes has to be that of today, as what is available is.
        refresh_use(row, day)
        if quantity > row.consumed:
            _demand_available(row.entitlement, quantity, day, own=row.consumed)
        row.quantity, row.notes, row.license_key = quantity, notes, license_key
        row.save(update_fields=["quantity", "notes", "license_key"])
        refresh_use(row, day)


def metric_warning(license: Entitlement, metric: str) -> str:
    """What speaks against counting a license by a metric; empty: nothing does."""
    counted = allocates_to(license.metric)
    if counted in (CountedBy.NEITHER, COUNTED_BY[DeploymentMetric(metric)]):
        return ""
    return (
        f"The metric of this license, {license.metric}, counts {counted.label.lower()}:"
        f" what is tracked by {DeploymentMetric(metric).label.lower()} may not be what it consumes."
    )


COUNTED_BY = {DeploymentMetric.INSTALLS: CountedBy.DEVICE, DeploymentMetric.USERS: CountedBy.PERSON}


# --- Making one ---


def _hold_pool(license: Entitlement, *targets: Model, key: LicenseKey | None = None) -> None:
    """Lock what a new use refers to, then the numbers: in the order that all keep."""
    keep_referable(license, *targets)
    _hold_key(license, key)
    hold_numbers(license.company_id)


def _hold_key(license: Entitlement, key: LicenseKey | None, *, had: int | None = None) -> None:
    """
    Lock a license key that is to be given, so that nobody withdraws it meanwhile.

    :param had: the key that the use has already
    """
    if key is None or key.pk == had:
        return
    if key.entitlement_id != license.pk:
        raise KeyRefused(f"{key} is not a license key of {license}.")
    try:
        standing_key(key)
    except KeyWithdrawn as withdrawn:
        raise KeyRefused(str(withdrawn)) from withdrawn


def _make(
    license: Entitlement, *, quantity: int, notes: str, day: date, by: User, **target: Any
) -> Allocation:
    """Write a use that the pool allows, and count the numbers anew."""
    if quantity:
        _demand_available(license, quantity, day)
    row = Allocation.objects.create(
        company_id=license.company_id,
        kind=Kind.LICENSE,
        entitlement=license,
        quantity=quantity,
        notes=notes,
        made_on=day,
        made_at=timezone.now(),
        made_by=by,
        **target,
    )
    refresh_use(row, day)
    return row


def _live_uses(license: Entitlement) -> AllocationQuerySet:
    return Allocation.objects.filter(entitlement=license).live()


# --- Rules ---


def _demand_license(license: Entitlement) -> None:
    if license.kind != Kind.LICENSE:
        raise NotALicense(f"{license} is maintenance: it extends licenses and is not used itself.")


def _demand_metric(metric: str) -> None:
    if metric not in DeploymentMetric.values:
        raise MetricUnknown(f"“{metric}” is no deployment metric. Choose Installs or Users.")


def _demand_quantity(quantity: int, *, least: int) -> None:
    if least <= quantity <= MOST_UNITS:
        return
    if quantity > MOST_UNITS:
        raise QuantityImpossible(f"{quantity:,} is too many. Give at most {MOST_UNITS:,}.")
    unlimited = " or 0 for unlimited" if least == 0 else ""
    raise QuantityImpossible(f"{quantity} is no quantity. Give 1 or more{unlimited}.")


def _demand_available(license: Entitlement, quantity: int, day: date, *, own: int = 0) -> None:
    """
    Refuse more than the license has left.

    :param own: what the use that changes consumes already
    """
    available = available_units(license_id=license.pk, company_id=license.company_id, day=day)
    if available is None or quantity <= available + own:
        return
    raise BeyondAvailable(
        f"{quantity:,} is more than the {max(0, available + own):,} that"
        f" {'is' if available + own == 1 else 'are'} available of {license}"
        f"{_why_so_few(license, available, own, day)}. Nothing was saved."
    )


def _why_so_few(license: Entitlement, available: int, own: int, day: date) -> str:
    """What the figure alone does not say: own units, over-allocation, a license not in use."""
    state = with_state(Entitlement.objects.filter(pk=license.pk), day).get().state_now  # type: ignore[attr-defined]
    reasons = []
    if own:
        reasons.append(f"with the {own:,} of this allocation")
    if state != State.IN_USE:
        stands = "not bought yet" if state is None else State(state).label.lower()
        reasons.append(f"on {day_text(day)} it is {stands}")
    elif available < 0:
        reasons.append(f"it is over-allocated by {-available:,}")
    return f" ({', '.join(reasons)})" if reasons else ""


def _refuse_tracked_twice(license: Entitlement, deployment: Deployment, metric: str) -> None:
    tracked = _live_uses(license).filter(deployment=deployment, metric=metric).first()
    if tracked is not None:
        raise AlreadyTracked(
            f"{license} tracks {deployment} by {tracked.get_metric_display().lower()} already"
            f" ({_amount(tracked)}). Change that allocation instead."
        )


def _refuse_reserved_twice(license: Entitlement, kind: str, label: str) -> None:
    reserved = _live_uses(license).filter(reservation_kind=kind, reservation_label__iexact=label)
    if (standing := reserved.first()) is not None:
        raise ReservationImpossible(
            f"{_amount(standing)} of {license} are reserved for {standing.target_text} already."
            " Change that reservation instead."
        )


def _label(kind: str, label: str) -> str:
    label = " ".join(label.split())
    if kind not in ReservationKind.values:
        raise ReservationImpossible(f"“{kind}” is no kind of reservation.")
    if not label:
        raise ReservationImpossible("Say what the units are reserved for.")
    longest = Allocation._meta.get_field("reservation_label").max_length
    if longest is not None and len(label) > longest:
        raise ReservationImpossible(f"The label is too long. Give at most {longest} characters.")
    return label


def _demand_person(license: Entitlement, person: Person, day: date) -> None:
    if allocates_to(license.metric) != CountedBy.PERSON:
        raise PersonRefused(f"{_counts(license)}, not people: it cannot be allocated to a person.")
    if person.company_id != license.company_id:
        raise PersonRefused(f"{person} is not of {license.company}, which owns {license}.")
    if person.inactive_on is not None and person.inactive_on <= day:
        raise PersonRefused(f"{person} is inactive since {day_text(person.inactive_on)}.")


def _demand_device(license: Entitlement, device: Device, day: date) -> None:
    if allocates_to(license.metric) != CountedBy.DEVICE:
        raise DeviceRefused(f"{_counts(license)}, not devices: it cannot be allocated to a device.")
    if device.company_id != license.company_id:
        raise DeviceRefused(f"{device} is not of {license.company}, which owns {license}.")
    if device.gone_on is not None and device.gone_on <= day:
        raise DeviceRefused(f"{device} is gone since {day_text(device.gone_on)}.")


def _counts(license: Entitlement) -> str:
    if license.metric is None:
        return f"{license} has no license metric that says what it counts"
    counted = allocates_to(license.metric)
    what = "neither people nor devices" if counted == CountedBy.NEITHER else counted.label.lower()
    return f"{license} counts {what} ({license.metric})"


def _amount(use: Allocation) -> str:
    return "unlimited" if use.is_unlimited else f"{use.quantity:,}"
