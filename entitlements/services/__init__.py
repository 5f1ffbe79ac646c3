"""What a person can do to entitlements; a module a topic."""

from entitlements.services.downgrades import (
    DowngradeRefused,
    add_downgrade_right,
    change_downgrade_right,
    end_downgrade_right,
)
from entitlements.services.expenses import (
    ExpenseRefused,
    add_expense,
    change_expense,
    delete_purchase_lines,
    keep_purchase_lines,
    take_back_expense,
)
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
from entitlements.services.notes import NothingWritten, add_note
from entitlements.services.records import save_entitlement
from entitlements.services.returns import (
    ReturnRefused,
    add_maintenance_return,
    add_return,
    change_maintenance_return,
    end_return_assignments,
    take_back_return,
)
from entitlements.services.rights import RightsRefused
from entitlements.services.states import StateRefused, back_by_date, set_state
from entitlements.services.upgrades import (
    UpgradeRefused,
    add_upgrade,
    end_upgrade,
    rights_of_nowhere,
)

__all__ = [
    "DowngradeRefused",
    "ExpenseRefused",
    "KeyWithdrawn",
    "KeysRefused",
    "NothingWritten",
    "ReturnRefused",
    "RightsRefused",
    "StateRefused",
    "UpgradeRefused",
    "add_downgrade_right",
    "add_expense",
    "add_keys",
    "add_maintenance_return",
    "add_note",
    "add_return",
    "add_upgrade",
    "back_by_date",
    "change_downgrade_right",
    "change_expense",
    "change_maintenance_return",
    "delete_purchase_lines",
    "end_downgrade_right",
    "end_return_assignments",
    "end_upgrade",
    "keep_purchase_lines",
    "put_key_back",
    "rename_key",
    "reveal_key",
    "rights_of_nowhere",
    "rotate_keys",
    "save_entitlement",
    "set_state",
    "standing_key",
    "take_back_expense",
    "take_back_return",
]
