"""Contracts that are changed many at once."""

from django import forms

from accounts.at_once_forms import TaggedAtOnceForm
from accounts.choosing import PEOPLE, ChosenField
from common.at_once import Kind
from contracts.choosing import VENDORS
from contracts.dates import ContractStatus
from contracts.models import Contract, ContractType

CONTRACTS_AT_ONCE = Kind(model=Contract, noun="contract", nouns="contracts")


class ContractsForm(TaggedAtOnceForm):
    tagged = Contract
    emptied_as = {
        "business_owner": None,
        "reseller": None,
        "legal_entity": "",
        "status_by_hand": "",
        "notes": "",
    }

    business_owner = ChosenField(source=PEOPLE, required=False, narrowed_by={"company": "company"})
    type = forms.ModelChoiceField(
        queryset=ContractType.objects.all(), required=False, empty_label="As it is"
    )
    vendor = ChosenField(source=VENDORS, required=False)
    reseller = ChosenField(source=VENDORS, required=False)
    legal_entity = forms.CharField(max_length=200, required=False)
    status_by_hand = forms.ChoiceField(
        label="Status by hand",
        choices=[("", "As it is"), *ContractStatus.choices],
        required=False,
        help_text="Emptied, a contract has the status of its dates again.",
    )
    notes = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 3}))
