"""Forms for contracts: their fields, terms and reminders."""

from datetime import date
from typing import Any

from django import forms
from django.db.models import Q, QuerySet

from accounts.choosing import PEOPLE, ChosenField
from accounts.models import Company, Person, User
from accounts.roles import Capability
from accounts.scope import Scope
from common.forms import RecordForm, day_field
from common.tag_fields import TagsField, tags_in_use
from contracts.choosing import CONTRACTS, VENDORS
from contracts.dates import EARLIEST_DAY, ContractStatus
from contracts.models import Contract, ContractTerm, Vendor
from contracts.renewal import LengthUnit, Renewal

OF_THE_COMPANY = {"company": "company"}
MOST_REMINDED_DAYS = 3650


class ContractForm(RecordForm):
    groups = {
        "Contract": ("company", "name", "number", "type", "legal_entity", "parent"),
        "Parties": ("vendor", "reseller", "business_owner"),
        "Money": ("value", "currency", "purchased_on", "po_number", "invoice_number"),
        "Status and notes": ("status_by_hand", "tags", "notes"),
    }

    vendor = ChosenField(source=VENDORS, queryset=Vendor.objects.all())
    reseller = ChosenField(source=VENDORS, queryset=Vendor.objects.all(), required=False)
    parent = ChosenField(
        source=CONTRACTS, narrowed_by=OF_THE_COMPANY, required=False, label="Part of contract"
    )
    business_owner = ChosenField(source=PEOPLE, narrowed_by=OF_THE_COMPANY, required=False)
    tags = TagsField()

    class Meta:
        model = Contract
        fields = (
            "company",
            "name",
            "number",
            "type",
            "legal_entity",
            "parent",
            "vendor",
            "reseller",
            "business_owner",
            "value",
            "currency",
            "purchased_on",
            "po_number",
            "invoice_number",
            "status_by_hand",
            "tags",
            "notes",
        )
        labels = {"status_by_hand": "Status"}

    def __init__(self, *args: Any, scope: Scope, **kwargs: Any) -> None:
        """
        :param scope: whose companies, contracts and people can be chosen
        """
        super().__init__(*args, **kwargs)
        companies = scope.companies(Capability.MANAGE)
        _offer(self, "company", Company.objects.filter(pk__in=companies))
        _offer(self, "parent", Contract.objects.visible_to(scope).exclude(pk=self.instance.pk))
        _offer(self, "business_owner", Person.objects.visible_to(scope))
        tags = self.fields["tags"]
        assert isinstance(tags, TagsField)
        tags.offer(tags_in_use(Contract, companies))
        status = self.fields["status_by_hand"]
        assert isinstance(status, forms.ChoiceField)
        status.choices = [("", "By its dates"), *ContractStatus.choices]
        status.help_text = "A status set by hand stands until it is set back."
        if self.instance.pk:
            # What belongs to a contract belongs to its company; it does not move.
            del self.fields["company"]
        elif len(companies) == 1:
            self.initial.setdefault("company", next(iter(companies)))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        self.check_money("value")
        company = cleaned.get("company") or (self.instance.company if self.instance.pk else None)
        for name in ("parent", "business_owner"):
            chosen = cleaned.get(name)
            if chosen is not None and company is not None and chosen.company_id != company.pk:
                self.add_error(name, f"“{chosen}” belongs to {chosen.company}, not to {company}.")
        if company is not None and self._number_is_taken(company, cleaned.get("number", "")):
            self.add_error(
                "number",
                f"{company} has a contract with the number “{cleaned['number']}” already.",
            )
        return cleaned

    def _number_is_taken(self, company: Company, number: str) -> bool:
        others = Contract.objects.filter(~Q(pk=self.instance.pk), company=company)
        return others.filter(number=number).exists()


def _offer(form: forms.BaseForm, name: str, records: QuerySet[Any]) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ModelChoiceField)
    field.queryset = records


class TermForm(RecordForm):
    groups = {
        "Term": ("starts_on", "ends_on"),
        "Value": ("value", "currency"),
        "Notice": ("notice_length", "notice_unit"),
        "What comes after it": ("renewal", "renewal_length", "renewal_unit", "anchor_day"),
    }

    class Meta:
        model = ContractTerm
        fields = (
            "starts_on",
            "ends_on",
            "value",
            "currency",
            "notice_length",
            "notice_unit",
            "renewal",
            "renewal_length",
            "renewal_unit",
            "anchor_day",
        )
        labels = {
            "starts_on": "First day",
            "ends_on": "Last day",
            "notice_unit": "In",
            "renewal_unit": "In",
            "renewal": "Renewal",
        }
        help_texts = {
            "ends_on": "It still counts. Leave it empty where there is no end.",
            "notice_length": "How long before the end notice has to be given.",
            "renewal_length": "Empty: for as long as this term.",
            "anchor_day": "The day of the month on which later terms begin. Empty: the day after"
            " the end.",
        }

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if "currency" in self.fields:
            self.check_money("value")
        self._check_renewal(cleaned)
        starts_on, ends_on = cleaned.get("starts_on"), cleaned.get("ends_on")
        if starts_on and starts_on < EARLIEST_DAY:
            self.add_error("starts_on", f"{starts_on} is long ago. Is the year right?")
        elif starts_on and ends_on and ends_on < starts_on:
            self.add_error("ends_on", f"The last day is before the first, {starts_on:%Y-%m-%d}.")
        elif starts_on and (other := self._overlapped(starts_on, ends_on)):
            self.add_error("starts_on", f"Another term covers days of it: {other}.")
        return cleaned

    def _check_renewal(self, cleaned: dict[str, Any]) -> None:
        if cleaned.get("renewal") == Renewal.AUTOMATIC and "ends_on" not in self.errors:
            if cleaned.get("ends_on") is None:
                self.add_error("ends_on", "What renews itself has a last day. Say which.")
            if cleaned.get("renewal_length") is None and "renewal_length" not in self.errors:
                self.add_error("renewal_length", "Say for how long it renews itself.")
        if cleaned.get("renewal_length") == 0:
            self.add_error("renewal_length", "Renew it for 1 or more, or leave this empty.")
        anchor_day = cleaned.get("anchor_day")
        if anchor_day is not None and not 1 <= anchor_day <= 31:
            self.add_error("anchor_day", f"{anchor_day} is no day of a month. Choose 1 to 31.")
        elif anchor_day is not None and cleaned.get("renewal_unit") == LengthUnit.DAYS:
            self.add_error("anchor_day", "A renewal in days has no day of the month. Empty it.")

    def _overlapped(self, starts_on: date, ends_on: date | None) -> ContractTerm | None:
        if not self.instance.contract_id:
            return None
        others = self.instance.contract.terms.exclude(pk=self.instance.pk)
        others = others.filter(Q(ends_on=None) | Q(ends_on__gte=starts_on))
        return (others.filter(starts_on__lte=ends_on) if ends_on else others).first()


class FirstTermForm(TermForm):
    """The term with which a new contract begins. All of it may be left out: then it is a draft."""

    groups = {
        "First term": TermForm.groups["Term"],
        "Notice": TermForm.groups["Notice"],
        "What comes after it": TermForm.groups["What comes after it"],
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(
            *args, prefix="term", empty_permitted=True, use_required_attribute=False, **kwargs
        )
        # The contract's own value and reason are those of its first term.
        for name in ("value", "currency", "reason"):
            del self.fields[name]

    def has_changed(self) -> bool:
        """Whether a term was begun to be entered: the units beside empty boxes say nothing."""
        typed = ("starts_on", "ends_on", "notice_length", "renewal_length", "anchor_day")
        chosen = self.data.get(self.add_prefix("renewal"), Renewal.NONE)
        return chosen != Renewal.NONE or any(self.data.get(self.add_prefix(n)) for n in typed)


class NoticeForm(forms.Form):
    """That notice was given, and when the contract ends by it."""

    given_on = day_field("Given on", "The day the other party was told.")
    ends_on = day_field("Last day of the contract", "It still counts.")
    reason = forms.CharField(
        label="Reason",
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Kept in the history beside your name.",
    )

    def __init__(self, *args: Any, today: date, ends_on: date | None, **kwargs: Any) -> None:
        """
        :param ends_on: the last day as the term says it, where it does
        """
        super().__init__(*args, **kwargs)
        self.initial = {"given_on": today, "ends_on": ends_on}
        self._today = today

    def clean_given_on(self) -> date:
        given_on: date = self.cleaned_data["given_on"]
        if given_on > self._today:
            raise forms.ValidationError(f"{given_on:%Y-%m-%d} is yet to come. Record it then.")
        return given_on


class MembersField(forms.ModelMultipleChoiceField):
    """Members of a company, each with a box to tick."""

    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, user: User) -> str:
        return f"{user}, {user.email}" if user.email else f"{user}, on the home page only"


class ReminderForm(forms.Form):
    """Who is reminded of the end of a contract, and when first."""

    notice_days = forms.IntegerField(
        label="First reminder, days before the end",
        required=False,
        min_value=0,
        max_value=MOST_REMINDED_DAYS,
        help_text="Then 90, 60 and 30 days before it, as far as these come later. Empty: 90, 60 and"
        " 30 days.",
    )
    members = MembersField(
        label="Who is reminded",
        queryset=User.objects.none(),
        required=False,
        help_text="By e-mail and on the home page. Nobody ticked: nobody is reminded.",
    )
    reason = forms.CharField(label="Reason", required=False, max_length=500)

    def __init__(self, *args: Any, able: QuerySet[User], **kwargs: Any) -> None:
        """
        :param able: who may be reminded
        """
        super().__init__(*args, **kwargs)
        _offer(self, "members", able)
