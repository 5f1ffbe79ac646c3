"""Forms for contracts and their terms."""

from typing import Any

from django import forms
from django.db.models import Q

from accounts.models import Company, Person
from accounts.roles import Capability
from accounts.scope import Scope
from common.forms import RecordForm
from contracts.models import Contract, ContractTerm


class ContractForm(RecordForm):
    groups = {
        "Contract": ("company", "name", "number", "type", "vendor", "reseller", "parent"),
        "Money": ("value", "currency", "purchased_on", "po_number", "invoice_number"),
        "People and notes": ("legal_entity", "business_owner", "status_by_hand", "notes"),
    }

    class Meta:
        model = Contract
        fields = (
            "company",
            "name",
            "number",
            "type",
            "vendor",
            "reseller",
            "parent",
            "value",
            "currency",
            "purchased_on",
            "po_number",
            "invoice_number",
            "legal_entity",
            "business_owner",
            "status_by_hand",
            "notes",
        )
        labels = {"status_by_hand": "Status", "parent": "Part of contract"}

    def __init__(self, *args: Any, scope: Scope, **kwargs: Any) -> None:
        """
        :param scope: whose companies, contracts and people can be chosen
        """
        super().__init__(*args, **kwargs)
        companies = scope.companies(Capability.MANAGE)
        self._offer("company", Company.objects.filter(pk__in=companies))
        self._offer("parent", Contract.objects.visible_to(scope).exclude(pk=self.instance.pk))
        self._offer("business_owner", Person.objects.visible_to(scope))
        if self.instance.pk:
            # What belongs to a contract belongs to its company; it does not move.
            del self.fields["company"]
        elif len(companies) == 1:
            self.initial.setdefault("company", next(iter(companies)))

    def _offer(self, name: str, records: Any) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = records

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        self.require_currency("value")
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


class TermForm(RecordForm):
    groups = {"Term": ("starts_on", "ends_on", "value", "currency")}

    class Meta:
        model = ContractTerm
        fields = ("starts_on", "ends_on", "value", "currency")
        labels = {"starts_on": "First day", "ends_on": "Last day"}
        help_texts = {"ends_on": "It still counts. Leave it empty where there is no end."}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        self.require_currency("value")
        starts_on, ends_on = cleaned.get("starts_on"), cleaned.get("ends_on")
        if starts_on and ends_on and ends_on < starts_on:
            self.add_error("ends_on", f"The last day is before the first, {starts_on:%Y-%m-%d}.")
        elif starts_on and (other := self._overlapped(starts_on, ends_on)):
            self.add_error("starts_on", f"Another term covers days of it: {other}.")
        return cleaned

    def _overlapped(self, starts_on: Any, ends_on: Any) -> ContractTerm | None:
        others = self.instance.contract.terms.exclude(pk=self.instance.pk)
        others = others.filter(Q(ends_on=None) | Q(ends_on__gte=starts_on))
        return (others.filter(starts_on__lte=ends_on) if ends_on else others).first()
