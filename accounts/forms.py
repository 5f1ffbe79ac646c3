"""Forms for the people of a company."""

from typing import Any

from django import forms

from accounts.choosing import DEPARTMENTS, PEOPLE, ChosenField
from accounts.models import Company, Department, Person
from accounts.roles import Capability
from accounts.scope import Scope
from common.forms import RecordForm

OF_THE_COMPANY = {"company": "company"}


class PersonForm(RecordForm):
    groups = {
        "Person": ("company", "name", "email"),
        "Where they belong": ("department", "manager", "inactive_on"),
    }

    department = ChosenField(source=DEPARTMENTS, narrowed_by=OF_THE_COMPANY, required=False)
    manager = ChosenField(source=PEOPLE, narrowed_by=OF_THE_COMPANY, required=False)

    class Meta:
        model = Person
        fields = ("company", "name", "email", "department", "manager", "inactive_on")
        labels = {"email": "E-mail"}
        help_texts = {
            "email": "Inventories know a person by it.",
            "inactive_on": "The first day on which they are no longer there. Empty: they are.",
        }

    def __init__(self, *args: Any, scope: Scope, **kwargs: Any) -> None:
        """
        :param scope: whose companies, departments and people can be chosen
        """
        super().__init__(*args, **kwargs)
        companies = scope.companies(Capability.ADMINISTER)
        people = Person.objects.visible_to(scope, Capability.ADMINISTER)
        self._offer("company", Company.objects.filter(pk__in=companies))
        self._offer("department", Department.objects.visible_to(scope, Capability.ADMINISTER))
        self._offer("manager", people.exclude(pk=self.instance.pk))
        if self.instance.pk:
            # What a person has belongs to the company they are of; they do not move.
            del self.fields["company"]
            for name in ("department", "manager"):
                field = self.fields[name]
                assert isinstance(field, ChosenField)
                field.offer_within(self.instance.company_id)
        elif len(companies) == 1:
            self.initial.setdefault("company", next(iter(companies)))

    def _offer(self, name: str, records: Any) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = records

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        company = cleaned.get("company") or (self.instance.company if self.instance.pk else None)
        if company is not None:
            self._check_company(cleaned, company)
        return cleaned

    def _check_company(self, cleaned: dict[str, Any], company: Company) -> None:
        for name in ("department", "manager"):
            chosen = cleaned.get(name)
            if chosen is not None and chosen.company_id != company.pk:
                self.add_error(name, f"“{chosen}” belongs to {chosen.company}, not to {company}.")
        email = cleaned.get("email")
        others = Person.objects.filter(company=company, email__iexact=email or "")
        if email and (other := others.exclude(pk=self.instance.pk).first()):
            self.add_error("email", f"{other} of {company} has the address “{email}” already.")
