"""
How license keys are encrypted: pure, over the secrets of the installation.

A secret is any long random text (``LCM_KEY_SECRETS``). What encrypts, what tells equal keys and
what names the secret are derived from it apart from each other, so that none gives away another.
"""

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from functools import cached_property
from hashlib import sha256
from typing import NamedTuple

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


class Unreadable(Exception):
    """The key was encrypted with a secret that this installation does not have."""


class Sealed(NamedTuple):
    """
    A license key as it is kept.

    :param fingerprint: equal for equal keys of one entitlement under one secret; 32 bytes
    :param secret_id: which secret it is encrypted with
    """

    ciphertext: bytes
    fingerprint: bytes
    secret_id: str


class Secret:
    """One secret, and what is derived from it."""

    def __init__(self, text: str) -> None:
        self._text = text.encode()

    def __repr__(self) -> str:
        return f"Secret({self.id})"  # never the text: this may stand in a log

    @cached_property
    def id(self) -> str:
        return self._derived("name", length=8).hex()

    @cached_property
    def cipher(self) -> Fernet:
        return Fernet(urlsafe_b64encode(self._derived("encryption")))

    def fingerprint(self, text: str, entitlement_id: int) -> bytes:
        told = f"{entitlement_id}:{text}".encode()
        return hmac.digest(self._fingerprint_secret, told, sha256)

    @cached_property
    def _fingerprint_secret(self) -> bytes:
        return self._derived("fingerprint")

    def _derived(self, purpose: str, length: int = 32) -> bytes:
        info = f"LCM license keys: {purpose}".encode()
        return HKDF(algorithm=SHA256(), length=length, salt=None, info=info).derive(self._text)


class KeyBox:
    """The secrets of an installation: the first encrypts, all of them decrypt."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._secrets = {secret.id: secret for secret in map(Secret, texts)}

    @cached_property
    def current(self) -> Secret:
        """The secret that encrypts."""
        return next(iter(self._secrets.values()))

    def seal(self, text: str, *, entitlement_id: int) -> Sealed:
        return Sealed(
            self.current.cipher.encrypt(text.encode()),
            self.current.fingerprint(text, entitlement_id),
            self.current.id,
        )

    def open(self, ciphertext: bytes, *, secret_id: str) -> str:
        """
        The key.

        :raises Unreadable: where its secret is not among these, or the ciphertext was tampered with
        """
        secret = self._secrets.get(secret_id)
        if secret is None:
            raise Unreadable(
                "It was encrypted with a secret that is not among those of this installation"
                " (LCM_KEY_SECRETS)."
            )
        try:
            return secret.cipher.decrypt(ciphertext).decode()
        except InvalidToken:
            raise Unreadable("What is kept of it was damaged or exchanged.") from None

    def fingerprints(self, text: str, *, entitlement_id: int) -> list[bytes]:
        """What tells the key, under each of the secrets."""
        return [secret.fingerprint(text, entitlement_id) for secret in self._secrets.values()]
