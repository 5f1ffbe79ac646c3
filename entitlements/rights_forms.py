"""Forms for what moves and lowers rights: upgrades, downgrade rights, returns, states by hand."""

from collections.abc import Collection
from datetime import date
from typing import Any

from django import forms

from accounts.choosing import ChosenField
from accounts.models import Company
from common.forms import (
    clean_currency,
    day_field,
    day_field_or_none,
    notes_field,
    reason_field,
)
from contracts.choosing import MODELS
from contracts.models import SoftwareModel
from entitlements.choosing import DEFINITIONS, LICENSES
from entitlements.models import DowngradeRight, Entitlement, EntitlementDefinition, PurchaseReturn
from entitlements.states import SUBSTATES, State

MOST = 2**31 - 1
NO_SUBSTATE = ("", "No substate")


def whole_number(label: str, *, least: int = 1, help_text: str = "") -> forms.IntegerField:
    """A number of rights or units, or a place in an order."""
    return forms.IntegerField(
        label=label,
        min_value=least,
        max_value=MOST,
        help_text=help_text,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
        error_messages={
            "required": f"Give a number, {least} or more.",
            "invalid": "Write a whole number.",
            "min_value": f"%(show_value)s is no such number. Give {least} or more.",
            "max_value": f"%(show_value)s is too many. Give at most {MOST:,}.",
        },
    )


class UpgradeForm(forms.Form):
    """From which license how many rights move to an upgrade."""

    source = ChosenField(
        source=LICENSES,
        label="From entitlement",
        help_text="The license whose rights are upgraded, of the same publisher.",
        error_messages={"required": "Choose a license."},
    )
    rights = whole_number("Number of rights")
    effective_on = day_field("Effective on", "From this day on they count here, and there no more.")

    def __init__(self, *args: Any, target: Entitlement, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["source"]
        assert isinstance(field, ChosenField)
        of_company = Entitlement.objects.licenses().filter(company=target.company_id)
        field.queryset = of_company.select_related("model__product__vendor", "company")
        field.offer_within(target.company_id)
        self.initial.setdefault("effective_on", target.purchased_on)


class DayAndReasonForm(forms.Form):
    """From which day on something stands no more, and why."""

    reason = reason_field("Kept in the history beside your name.")

    def __init__(
        self, *args: Any, day: date, label: str, help_text: str = "", **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["day"] = day_field(label, help_text)
        self.order_fields(["day", "reason"])
        self.initial.setdefault("day", day)


class DowngradeForm(forms.Form):
    """When, and in which order, a license serves another software model."""

    order = whole_number(
        "Order", least=0, help_text="The lower, the sooner it is served, after the own model."
    )
    starts_on = day_field_or_none("Start", "The first day. Empty: open.")
    ends_on = day_field_or_none("End", "The last day, which counts. Empty: open.")


class AddDowngradeForm(DowngradeForm):
    field_order = ("model", "order", "starts_on", "ends_on")

    model = ChosenField(
        source=MODELS,
        queryset=SoftwareModel.objects.all(),
        label="Software model",
        help_text="The other version that the license lets one use, older or newer.",
        error_messages={"required": "Choose a software model."},
    )


class ChangeDowngradeForm(DowngradeForm):
    reason = reason_field("Kept in the history beside your name.")

    def __init__(self, *args: Any, right: DowngradeRight, **kwargs: Any) -> None:
        kept = {name: getattr(right, name) for name in ("order", "starts_on", "ends_on")}
        super().__init__(*args, **kwargs)
        self.initial = kept


class ReturnForm(forms.Form):
    """How many rights of a license went back to the vendor, and what came back for them."""

    quantity = whole_number("Quantity")
    day = day_field("Returned on", "From this day on they count no more.")
    unit_price = forms.DecimalField(
        label="Unit price",
        required=False,
        min_value=0,
        max_digits=18,
        decimal_places=4,
        help_text="What came back for each.",
        error_messages={"min_value": "%(show_value)s is below 0. Write what came back for each."},
    )
    currency = forms.CharField(label="Currency", required=False, max_length=3)
    notes = notes_field("To whom, and by which paper.")

    def clean_currency(self) -> str:
        return clean_currency(self.cleaned_data["currency"])


class MaintenanceReturnForm(ReturnForm):
    """The same of maintenance, which is named by definition and software model."""

    field_order = (
        "company",
        "definition",
        "model",
        "quantity",
        "day",
        "unit_price",
        "currency",
        "notes",
    )

    company = forms.ModelChoiceField(
        label="Company",
        queryset=Company.objects.none(),
        error_messages={"required": "Choose a company."},
    )
    definition = ChosenField(
        source=DEFINITIONS,
        label="Definition",
        narrowed_by={"company": "company"},
        error_messages={"required": "Choose a definition."},
    )
    model = ChosenField(
        source=MODELS,
        queryset=SoftwareModel.objects.all(),
        label="Software model",
        error_messages={"required": "Choose a software model."},
    )

    def __init__(self, *args: Any, companies: Collection[int], **kwargs: Any) -> None:
        """
        :param companies: the ids of those in which it may be returned; one is not asked for
        """
        super().__init__(*args, **kwargs)
        company, definition = self.fields["company"], self.fields["definition"]
        assert isinstance(company, forms.ModelChoiceField)
        assert isinstance(definition, ChosenField)
        company.queryset = Company.objects.filter(pk__in=companies).order_by("name")
        definition.queryset = EntitlementDefinition.objects.filter(company__in=companies)
        if len(companies) == 1:
            self.initial["company"] = next(iter(companies))
            company.widget, company.required = forms.HiddenInput(), False
        self.fields["day"].help_text = "Consolidate takes them from what was bought by this day."
        self.fields["unit_price"].help_text = "Units that were bought at this price go first."

    def clean_company(self) -> Company:
        chosen: Company | None = self.cleaned_data["company"]
        if chosen is None:
            chosen = Company.objects.get(pk=self.initial["company"])
        return chosen


class ChangeReturnForm(ReturnForm):
    """What is corrected on a return of maintenance that no run has spread yet."""

    reason = reason_field("Kept in the history beside your name.")

    def __init__(self, *args: Any, returned: PurchaseReturn, **kwargs: Any) -> None:
        names = ("quantity", "unit_price", "currency", "notes")
        kept = {name: getattr(returned, name) for name in names}
        super().__init__(*args, **kwargs)
        self.initial = kept | {"day": returned.returned_on}


class SplitForm(forms.Form):
    """How many rights become a license of their own."""

    rights = forms.IntegerField(
        label="Rights to split off",
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "min": 1}),
        error_messages={"required": "Say how many rights to split off."},
    )
    reason = reason_field("Kept in the history of both beside your name.")

    def say_nothing_of_the_reason(self) -> None:
        """What would happen is to be shown first; the reason is asked for all the same."""
        self.errors.pop("reason", None)


class StateForm(forms.Form):
    """Which state an entitlement has on which days, whatever its dates say."""

    state = forms.ChoiceField(
        label="State",
        choices=[("", "Choose a state"), *State.choices],
        error_messages={"required": "Choose a state."},
    )
    substate = forms.ChoiceField(label="Substate", required=False)
    from_on = day_field("From")
    until_on = day_field_or_none("Until", "The last day. Empty: until it is set back to by date.")
    reason = reason_field("Kept in the history beside your name.")

    def __init__(self, *args: Any, day: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("from_on", day)
        substate = self.fields["substate"]
        assert isinstance(substate, forms.ChoiceField)
        substate.choices = [NO_SUBSTATE, *_substates_by_state()]

    def narrow_substates(self, state: str) -> None:
        """Offer the substates of one state alone: where there is script it follows the state."""
        substate = self.fields["substate"]
        assert isinstance(substate, forms.ChoiceField)
        of_state = SUBSTATES[State(state)] if state in State.values else ()
        substate.choices = [NO_SUBSTATE, *((each.value, each.label) for each in of_state)]


def _substates_by_state() -> list[tuple[str, list[tuple[str, str]]]]:
    """All substates, under the states that they belong to."""
    return [
        (state.label, [(each.value, each.label) for each in substates])
        for state, substates in SUBSTATES.items()
        if substates
    ]
