"""What this app tells the apps above it, in the transaction that writes."""

from django.dispatch import Signal

# Sent with company_id and deployment_ids, a list: these were counted anew, and differ from before.
deployments_counted = Signal()
