"""What a person can do to entitlements; a module a topic."""

from entitlements.services.keys import (
    KeysRefused,
    KeyWithdrawn,
    add_keys,
    put_key_back,
    rename_key,
    reveal_key,
    rotate_keys,
    standing_key,
)
from entitlements.services.records import save_entitlement

__all__ = [
    "KeyWithdrawn",
    "KeysRefused",
    "add_keys",
    "put_key_back",
    "rename_key",
    "reveal_key",
    "rotate_keys",
    "save_entitlement",
    "standing_key",
]
