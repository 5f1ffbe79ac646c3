"""What entitlements tell the apps above them, in the transaction that writes."""

from django.dispatch import Signal

# Rights, dates, state or endlessness of licenses have changed, or licenses have come. Sent last in
# the writing transaction, under the company's lock, with ``company_id`` and ``license_ids``: any
# ids of entitlements; those of maintenance say nothing.
rights_changed = Signal()
