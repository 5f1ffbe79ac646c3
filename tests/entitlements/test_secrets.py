"""How license keys are encrypted: what reads them with which secrets, and what tells them apart."""

import pytest
from cryptography.fernet import Fernet

from entitlements.secrets import KeyBox, Secret, Unreadable

OLD = "wY7tB2nQ5vK8mX1zR4cJ6pL9sD3fG0hA-eUoIqViZxMw_TjKuHyBrEd"
NEW = "aQ9xS8wE7dC6vF5rT4gB3nH2yU1jM0kI-oLpZqWsXeDcRfVtGbYhNuJm"
KEY = "XQ7PM-2K9DW-RT4VB-8HJ3N-PWY6G"


def test_a_key_can_be_read_again() -> None:
    box = KeyBox([NEW])

    sealed = box.seal(KEY, entitlement_id=7)

    assert box.open(sealed.ciphertext, secret_id=sealed.secret_id) == KEY


def test_what_is_kept_holds_nothing_of_the_key() -> None:
    sealed = KeyBox([NEW]).seal(KEY, entitlement_id=7)

    kept = sealed.ciphertext + sealed.fingerprint + sealed.secret_id.encode()
    assert KEY.encode() not in kept
    assert all(part.encode() not in kept for part in KEY.split("-"))


def test_a_key_is_encrypted_with_the_first_secret_and_read_with_all() -> None:
    before = KeyBox([OLD]).seal(KEY, entitlement_id=7)
    after = KeyBox([NEW, OLD])

    assert after.open(before.ciphertext, secret_id=before.secret_id) == KEY
    assert after.seal(KEY, entitlement_id=7).secret_id == Secret(NEW).id


def test_without_its_secret_a_key_cannot_be_read() -> None:
    sealed = KeyBox([OLD]).seal(KEY, entitlement_id=7)

    with pytest.raises(Unreadable, match="not among those of this installation"):
        KeyBox([NEW]).open(sealed.ciphertext, secret_id=sealed.secret_id)


def test_a_ciphertext_that_was_changed_is_not_read() -> None:
    box = KeyBox([NEW])
    sealed = box.seal(KEY, entitlement_id=7)

    with pytest.raises(Unreadable, match="damaged"):
        box.open(sealed.ciphertext[:-1] + b"A", secret_id=sealed.secret_id)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(Fernet(Fernet.generate_key()).encrypt(b"x").decode(), id="a ciphertext"),
        pytest.param("enc$whatever", id="a mark that others use for encrypted texts"),
        pytest.param("Schlüssel-Ä-€-鍵", id="letters beyond ASCII"),
    ],
)
def test_whatever_a_key_looks_like_it_is_encrypted(text: str) -> None:
    box = KeyBox([NEW])

    sealed = box.seal(text, entitlement_id=7)

    assert text.encode() not in sealed.ciphertext
    assert box.open(sealed.ciphertext, secret_id=sealed.secret_id) == text


def test_equal_keys_of_one_entitlement_have_one_fingerprint_and_of_two_have_two() -> None:
    box = KeyBox([NEW])

    first, again = (box.seal(KEY, entitlement_id=7) for _ in range(2))
    elsewhere = box.seal(KEY, entitlement_id=8)

    assert first.fingerprint == again.fingerprint
    assert first.ciphertext != again.ciphertext
    assert elsewhere.fingerprint != first.fingerprint


def test_a_fingerprint_is_found_under_each_secret() -> None:
    old = KeyBox([OLD]).seal(KEY, entitlement_id=7)

    assert old.fingerprint in KeyBox([NEW, OLD]).fingerprints(KEY, entitlement_id=7)


def test_a_secret_does_not_tell_itself() -> None:
    assert NEW not in repr(Secret(NEW))
    assert NEW not in repr(KeyBox([NEW]))
