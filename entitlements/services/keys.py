"""License keys: added, named, shown. What they say leaves the database in one way only."""

from collections import Counter
from collections.abc import Callable, Iterable
from functools import lru_cache

from django.conf import settings
from django.db.models import QuerySet
from django.views.decorators.debug import sensitive_variables

from accounts.models import User
from common.acting import acting
from common.locks import hold_shared
from entitlements.models import Entitlement, KeyReveal, LicenseKey
from entitlements.secrets import KeyBox, Unreadable

LONGEST_KEY = 500
MOST_AT_ONCE = 10_000


class KeysRefused(Exception):
    """Keys are not added or changed; the message says which, by its line, and never its text."""


class KeyWithdrawn(Exception):
    """The key was withdrawn: it is not shown, given or changed any more."""


@sensitive_variables()
def add_keys(*, entitlement: Entitlement, pasted: str, label: str, by: User) -> int:
    """
    Add license keys, one a line; empty lines count for nothing.

    :param label: what people call them; several are numbered, and so is one without a label
    :returns: how many were added
    :raises KeysRefused: for the first line that cannot be added; nothing is written
    :raises common.locks.CompanyIsBusy: while a run has the company
    """
    if entitlement.is_maintenance:
        raise KeysRefused(f"{entitlement} is maintenance: license keys belong to licenses.")
    texts = _texts(pasted)
    box = key_box()
    with acting(by, "License keys added"):
        hold_shared(entitlement.company_id)
        Entitlement.objects.select_for_update().get(pk=entitlement.pk)
        _refuse_known(texts, entitlement, box)
        labels = _labels(
            label, len(texts), after=LicenseKey.objects.filter(entitlement=entitlement)
        )
        LicenseKey.objects.bulk_create(
            LicenseKey(
                company_id=entitlement.company_id,
                entitlement=entitlement,
                label=name,
                **box.seal(text, entitlement_id=entitlement.pk)._asdict(),
            )
            for name, text in zip(labels, texts.values(), strict=True)
        )
    return len(texts)


def rename_key(*, key: LicenseKey, label: str, by: User) -> None:
    """
    Call a key by another label.

    :raises KeyWithdrawn: if it was withdrawn
    """
    with acting(by, "License key renamed"):
        row = standing_key(key)
        row.label = label
        row.save(update_fields=["label"])


def put_key_back(*, key: LicenseKey, by: User, reason: str) -> None:
    """Take a withdrawn key into use again."""
    with acting(by, reason or "License key put back"):
        LicenseKey.objects.filter(pk=key.pk).update(withdrawn_at=None)


@sensitive_variables()
def reveal_key(*, key: LicenseKey, by: User) -> str:
    """
    What a key says, for one person to see now; that they were shown it is written first.

    :raises KeyWithdrawn: if it was withdrawn
    :raises entitlements.secrets.Unreadable: where the installation lacks its secret
    """
    with acting(by, "License key shown"):
        row = standing_key(key)
        text = key_box().open(bytes(row.ciphertext), secret_id=row.secret_id)
        KeyReveal.objects.create(company_id=row.company_id, key=row, revealed_by=by)
    return text


def rotate_keys(*, most: int, tell: Callable[[int], None]) -> tuple[int, int]:
    """
    Encrypt anew, with the first secret of the installation, what another one encrypted.

    It goes on where it was interrupted.

    :param most: how many in one transaction
    :param tell: called with how many were done, after each
    :returns: how many were done; how many could not be read
    """
    box = key_box()
    done, unreadable = 0, 0
    others = LicenseKey.objects.exclude(secret_id=box.current.id).order_by("pk")
    last = 0
    while batch := _rotated(others.filter(pk__gt=last)[:most], box):
        last = max(batch)
        done += sum(batch.values())
        unreadable += sum(not could for could in batch.values())
        tell(done)
    return done, unreadable


@sensitive_variables()
def _rotated(keys: Iterable[LicenseKey], box: KeyBox) -> dict[int, bool]:
    """By key, whether it could be encrypted anew."""
    with acting(None, "Encrypted with a new secret"):
        locked = LicenseKey.objects.select_for_update().filter(pk__in=[key.pk for key in keys])
        could = {key.pk: _seal_anew(key, box) for key in locked}
        readable = [key for key in locked if could[key.pk]]
        LicenseKey.objects.bulk_update(readable, ["ciphertext", "fingerprint", "secret_id"])
    return could


@sensitive_variables()
def _seal_anew(key: LicenseKey, box: KeyBox) -> bool:
    try:
        text = box.open(bytes(key.ciphertext), secret_id=key.secret_id)
    except Unreadable:
        return False
    sealed = box.seal(text, entitlement_id=key.entitlement_id)
    key.ciphertext, key.fingerprint, key.secret_id = sealed
    return True


def key_box() -> KeyBox:
    """The secrets of this installation."""
    return _box_of(tuple(settings.LCM_KEY_SECRETS))


@lru_cache(maxsize=4)
def _box_of(secrets: tuple[str, ...]) -> KeyBox:
    return KeyBox(secrets)


def standing_key(key: LicenseKey) -> LicenseKey:
    """
    The row of a key, locked until the end of the transaction.

    :raises KeyWithdrawn: if it was withdrawn
    """
    row = LicenseKey.objects.select_for_update().get(pk=key.pk)
    if row.withdrawn_at is not None:
        raise KeyWithdrawn(f"{row} was withdrawn on {row.withdrawn_at:%Y-%m-%d}.")
    return row


@sensitive_variables()
def _texts(pasted: str) -> dict[int, str]:
    """By line, the keys."""
    lines = {place: line.strip() for place, line in enumerate(pasted.splitlines(), 1)}
    texts = {place: line for place, line in lines.items() if line}
    if not texts:
        raise KeysRefused("Paste at least one license key.")
    if len(texts) > MOST_AT_ONCE:
        raise KeysRefused(
            f"These are {len(texts):,} keys. Add at most {MOST_AT_ONCE:,} of them at once."
        )
    counted = Counter(texts.values())
    first = {text: place for place, text in reversed(texts.items())}
    for place, text in texts.items():
        if len(text) > LONGEST_KEY:
            raise KeysRefused(
                f"Line {place} has {len(text):,} characters. A license key has at most"
                f" {LONGEST_KEY}: is it one key a line?"
            )
        if "\x00" in text:
            raise KeysRefused(f"Line {place} holds a character that no key has (NUL).")
        if counted[text] > 1 and first[text] != place:
            raise KeysRefused(f"Line {place} is the same key as line {first[text]}.")
    return texts


def _labels(label: str, number: int, *, after: QuerySet[LicenseKey]) -> list[str]:
    if label and number == 1:
        return [label]
    first = after.count() + 1
    return [f"{label or 'Key'} {place}" for place in range(first, first + number)]


@sensitive_variables()
def _refuse_known(texts: dict[int, str], entitlement: Entitlement, box: KeyBox) -> None:
    places = {
        fingerprint: place
        for place, text in texts.items()
        for fingerprint in box.fingerprints(text, entitlement_id=entitlement.pk)
    }
    known = LicenseKey.objects.filter(entitlement=entitlement, fingerprint__in=list(places))
    if (row := known.order_by("pk").first()) is not None:
        withdrawn = " (withdrawn)" if row.withdrawn_at else ""
        raise KeysRefused(
            f"Line {places[bytes(row.fingerprint)]} is a key that {entitlement} has already:"
            f" {row}{withdrawn}."
        )
