"""
Forms that fill in what follows from a choice, and leave out what does not apply to it.

A person chooses a part number or a software model, and what it says is filled in. With script the
fields are drawn anew as soon as one of ``deciding`` changes; without it the button *Apply* does so.
What does not apply is not shown; sent all the same it is refused, by the forms.
"""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.db.models import Model
from django.forms.utils import ErrorDict

from accounts.choosing import ChosenField
from common.forms import RecordForm
from contracts.choosing import MODELS
from contracts.models import SoftwareModel
from entitlements.choosing import PARTS
from entitlements.models import PublisherPart
from entitlements.parts import Fit, is_of, models_of

APPLY = "apply"  # what the button and the script send
FILLED_FROM = "filled_from_"  # before the name of a choice: the one the form was filled from last


class FilledInForm(RecordForm):
    """What is shared by entitlements of both kinds: a part number fills in the software model."""

    # Fields that decide about others: a change of them draws the form anew.
    deciding: tuple[str, ...] = ("part", "model", "packs", "rights_per_pack")

    part = ChosenField(
        source=PARTS,
        queryset=PublisherPart.objects.select_related("vendor", "metric__group"),
        label="Publisher part number",
        required=False,
        help_text="What was ordered. A known one fills in the rest.",
    )
    model = ChosenField(
        source=MODELS,
        queryset=SoftwareModel.objects.select_related("product__vendor"),
        label="Software model",
        required=False,
    )

    def __init__(self, data: Any = None, *args: Any, **kwargs: Any) -> None:
        # A copy of its own: what follows from a choice is filled in.
        self.sent: Any = None if data is None else data.copy()
        super().__init__(self.sent, *args, **kwargs)
        self.fit: Fit[SoftwareModel] = Fit(None, ())
        self._now: dict[str, Any] = {}  # what stands in the form, by field, as far as was asked

    def prepare(self) -> None:
        """Fill in what was chosen, and say of the fields what a person should know."""
        self._is_told_anew = self._was_chosen_without_being_applied("part")
        self.is_drawn_anew = self.is_bound and (APPLY in self.data or self._is_told_anew)
        if part := self.chosen("part"):
            self.fit = models_of(part)
            if self.is_bound and self._was_chosen("part", part):
                self.fill_from_part(part)
        if self.is_drawn_anew:
            self._multiply_packs()
        self._describe_model()

    def _was_chosen(self, name: str, chosen: Model) -> bool:
        """Whether somebody chose it since the form was filled from such a choice."""
        return str(self.data.get(FILLED_FROM + name, "")) != str(chosen.pk)

    def _was_chosen_without_being_applied(self, name: str) -> bool:
        """Where there is no script a part number is looked at once before it is saved."""
        if not self.is_bound or FILLED_FROM + name not in self.data:
            return False
        chosen = self.chosen(name)
        return chosen is not None and self._was_chosen(name, chosen)

    # --- What stands in the form now, checked or not ---

    def chosen(self, name: str) -> Any:
        """The value of a field as it stands, checked or not; None where there is none."""
        if name not in self._now:
            self._now[name] = self._read(name)
        return self._now[name]

    def _read(self, name: str) -> Any:
        field = self.fields.get(name)
        if field is None:
            return getattr(self.instance, name, None)
        if not self.is_bound:
            value = self.get_initial_for_field(field, name)
            if isinstance(value, Model) or not isinstance(field, forms.ModelChoiceField):
                return value
            return self._record(field, value)
        try:
            return field.clean(field.widget.value_from_datadict(self.data, self.files, name))
        except forms.ValidationError:
            return None

    def _record(self, field: forms.ModelChoiceField, key: Any) -> Any:
        return field.queryset.filter(pk=key).first() if key and field.queryset else None

    def was_sent(self, name: str) -> str:
        """What was sent for a field, as text; nothing where nothing was."""
        value = self.fields[name].widget.value_from_datadict(self.data, self.files, name)
        return str(value).strip() if value else ""

    def fill(self, name: str, value: Any) -> None:
        """
        Let a field hold a value: where somebody checks a form that was never drawn, only an empty
        one.
        """
        if not self.is_drawn_anew and self.was_sent(name):
            return
        self.sent[name] = str(value.pk if isinstance(value, Model) else value)
        self.sent.pop(f"{name}_text", None)
        self._now.pop(name, None)

    # --- What a part number says ---

    def fill_from_part(self, part: PublisherPart) -> None:
        if self.fit.model is not None:
            self.fill("model", self.fit.model)
        elif self.fit.is_open and self.chosen("model") not in self.fit.candidates:
            self.fill("model", "")
        if "rights_per_pack" in self.fields and part.rights_per_pack > 1:
            self.fill("rights_per_pack", part.rights_per_pack)

    def _multiply_packs(self) -> None:
        packs, each = self.chosen("packs"), self.chosen("rights_per_pack")
        if packs and each:
            self.fill("purchased_rights", packs * each)

    def _describe_model(self) -> None:
        part, model = self.chosen("part"), self.chosen("model")
        field = self.fields["model"]
        assert isinstance(field, ChosenField)
        if part is not None:
            self.fields["part"].help_text = _told_of(part)
        if part is None:
            self.require("model", "Choose a software model, or a part number that fills it in.")
        elif model is None and self.fit.is_open:
            named = ", ".join(candidate.name for candidate in self.fit.candidates)
            self.require("model", f"Several software models fit {part}: {named}. Choose one.")
            field.widget.candidates = [("", "Choose one"), *_offered(self.fit)]
            field.help_text = f"{len(self.fit.candidates)} software models fit {part}: choose one."
        elif model is None:
            field.help_text = f"Will be created: {part.vendor} {part.software}."

    # --- Checking ---

    def full_clean(self) -> None:
        if not self.is_drawn_anew:
            super().full_clean()
            return
        # What is drawn anew is not finished: nothing is wrong with it yet.
        self._errors = ErrorDict()
        self.cleaned_data = {}

    def is_valid(self) -> bool:
        return not self.is_drawn_anew and super().is_valid()

    def require(self, name: str, otherwise: str) -> None:
        """Ask for a field, and say what is missing where it stays empty."""
        self.fields[name].required = True
        self.fields[name].error_messages["required"] = otherwise

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        self._check_packs(cleaned)
        return cleaned

    def _check_packs(self, cleaned: dict[str, Any]) -> None:
        packs, each = cleaned.get("packs"), cleaned.get("rights_per_pack")
        if not packs:
            # The size of a pack says something only of packs.
            cleaned["packs"] = None
            return
        if not each:
            self.add_error("rights_per_pack", f"Say how many rights each of the {packs} packs has.")
            return
        rights = cleaned.get("purchased_rights")
        if rights is None and "purchased_rights" not in self.errors:
            cleaned["purchased_rights"] = packs * each
        elif rights is not None and rights != packs * each:
            self.add_error(
                "purchased_rights",
                f"{packs:,} packs of {each:,} rights are {packs * each:,} rights, not {rights:,}.",
            )

    # --- What the page shows besides fields ---

    @property
    def filled_from(self) -> Mapping[str, Any]:
        """What the form is filled from, by the names of the hidden fields that remember it."""
        return {
            FILLED_FROM + name: getattr(self.chosen(name), "pk", "") for name in ("part", "model")
        }

    @property
    def told(self) -> str:
        """What a person should know before the form can be saved."""
        if not self._is_told_anew or APPLY in self.data:
            return ""
        return f"{self.chosen('part')} has filled in fields below. Look at them, and save."

    @property
    def mismatch(self) -> str:
        """That part number and software model do not belong together, if they do not."""
        part, model = self.chosen("part"), self.chosen("model")
        return told_mismatch(part, model) if part and model else ""

    @property
    def facts(self) -> list[tuple[str, str]]:
        """What follows from part number and model, by its label."""
        part, model = self.chosen("part"), self.chosen("model")
        if model is not None:
            publisher, product_type = model.product.vendor, model.get_product_type_display()
        elif part is not None:
            publisher, product_type = part.vendor, part.get_product_type_display()
        else:
            return []
        facts = [
            ("Display name", self.display_name),
            ("Publisher", str(publisher)),
            ("Product type", str(product_type)),
        ]
        if part is not None:
            facts.append(("Suite defined", "Yes" if part.is_suite else "No"))
        return facts

    @property
    def display_name(self) -> str:
        """The name that the record will have."""
        part, model = self.chosen("part"), self.chosen("model")
        return str(model.name if model else part.software if part else "")


def told_mismatch(part: PublisherPart, model: SoftwareModel) -> str:
    """The warning of a part number that is not of the model's publisher and product."""
    if is_of(part, model):
        return ""
    return (
        f"The part number {part} is of {part.vendor} {part.product_name}, and the software model is"
        f" {model.product.vendor} {model.name}. Change one of them, or leave it so."
    )


def _told_of(part: PublisherPart) -> str:
    told = [part.description or part.software, f"of {part.vendor}"]
    if part.is_example:
        told.append("an example, nothing that is sold")
    if part.is_suite:
        held = ", ".join(str(component) for component in part.components.all())
        told.append(f"suite defined: yes{f' ({held})' if held else ''}")
    return ", ".join(told) + "."


def _offered(fit: Fit[SoftwareModel]) -> list[tuple[int, str]]:
    return [(model.pk, f"{model.name} ({model.product.vendor})") for model in fit.candidates]
