"""Forms for consolidate, and for what a person does to allocations by hand."""

from datetime import date
from typing import Any

from django import forms

from accounts.models import Company
from accounts.roles import Capability
from accounts.scope import Scope
from common.forms import day_field, reason_field
from entitlements.models import Entitlement


class CompanyChoice(forms.ModelMultipleChoiceField):
    """Companies, each with a box to tick."""

    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, company: Company) -> str:
        return company.name


class PreviewForm(forms.Form):
    """For which day, and for which companies, to look at what a run would change."""

    day = day_field(
        "For the day",
        "Records dated after it take no part. A past day is looked at on today's allocations.",
    )
    companies = CompanyChoice(
        label="Companies",
        queryset=Company.objects.none(),
        error_messages={"required": "Choose at least one company."},
    )

    def __init__(self, *args: Any, scope: Scope, today: date, **kwargs: Any) -> None:
        """
        :param scope: of whose companies those may be chosen in which the person may change
        """
        super().__init__(*args, **kwargs)
        managed = Company.objects.filter(pk__in=scope.companies(Capability.MANAGE))
        self.fields["companies"].queryset = managed  # type: ignore[attr-defined]
        self.fields["companies"].initial = list(managed.values_list("pk", flat=True))
        self.fields["day"].initial = today


class AllocateForm(forms.Form):
    """Which of the entitlements shown to allocate."""

    other = forms.ModelChoiceField(
        label="To allocate",
        queryset=Entitlement.objects.none(),
        error_messages={
            "required": "Choose one.",
            "invalid_choice": "This one is not of the same company and software model.",
        },
    )
    day = day_field("From the day")
    notes = forms.CharField(
        label="Notes",
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Kept with the allocation: why is it made by hand?",
    )

    def __init__(self, *args: Any, entitlement: Entitlement, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = Entitlement.objects.filter(
            company=entitlement.company_id, model=entitlement.model_id
        ).exclude(kind=entitlement.kind)
        self.fields["other"].queryset = others  # type: ignore[attr-defined]
        self.fields["other"].label = "License" if entitlement.is_maintenance else "Maintenance"
        self.fields["day"].initial = today


class EndForm(forms.Form):
    """From when, and why, an allocation holds no more."""

    day = day_field(
        "Holds no more from",
        "The first day without it. Its units are free at once, also for a day that is to come.",
    )
    reason = reason_field("Kept with the allocation for good.")
    keep_apart = forms.BooleanField(
        label="Keep the pair apart",
        required=False,
        help_text="No run allocates this maintenance to this license again, until that is lifted."
        " Otherwise the next run may.",
    )

    def __init__(self, *args: Any, today: date, is_use: bool = False, **kwargs: Any) -> None:
        """
        :param is_use: whether it is a use of a license that ends, which no run would make again
        """
        super().__init__(*args, **kwargs)
        self.fields["day"].initial = today
        if is_use:
            del self.fields["keep_apart"]
