"""What a person can do to entitlements; a module a topic."""

from entitlements.services.records import save_entitlement

__all__ = ["save_entitlement"]
