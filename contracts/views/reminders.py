"""Reminders: who gets them, and that they were seen."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import ScopedRequest, needs
from accounts.roles import Capability
from common.dialogs import dialog_or_page, go_to
from contracts.forms import ReminderForm
from contracts.models import Reminder
from contracts.queries import members_who_read, open_reminders
from contracts.services import dismiss_reminder, set_reminder
from contracts.views.reading import contract_to_change


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Capability.MANAGE)
def edit_reminder(request: ScopedRequest, pk: int) -> HttpResponse:
    contract = contract_to_change(request, pk)
    back = reverse("contract", args=[contract.pk])
    present = Reminder.objects.filter(contract=contract).first()
    form = ReminderForm(
        request.POST or None,
        able=members_who_read(contract.company_id),
        initial=_as_initial(present),
    )
    if request.method == "POST" and form.is_valid():
        set_reminder(contract=contract, by=request.user, **form.cleaned_data)
        messages.success(request, _told(form))
        return go_to(request, back)
    return dialog_or_page(request, "contracts/reminder.html", form, contract=contract, back=back)


def _as_initial(reminder: Reminder | None) -> dict[str, object]:
    if reminder is None:
        return {}
    members = reminder.members.values_list("user", flat=True)
    return {"notice_days": reminder.notice_days, "members": list(members)}


def _told(form: ReminderForm) -> str:
    names = [str(user) for user in form.cleaned_data["members"]]
    return f"Reminded: {', '.join(names)}." if names else "Nobody is reminded any more."


@require_POST
@needs(Capability.READ)
def dismiss(request: ScopedRequest, pk: int) -> HttpResponse:
    """Take one's own reminder off the home page."""
    own = open_reminders(request.scope.whole, timezone.localdate())
    dismiss_reminder(reminder=get_object_or_404(own, pk=pk))
    return redirect("home")
