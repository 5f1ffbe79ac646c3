"""Forms for licenses and maintenance: the fields of each kind, and what must fit together."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.db.models import Model, Q

from accounts.choosing import COST_CENTRES, DEPARTMENTS, LOCATIONS, PEOPLE, ChosenField
from accounts.models import Company, CostCentre, Department, Location, Person
from accounts.roles import Capability
from accounts.scope import Scope
from common.tag_fields import TagsField, tags_in_use
from contracts.choosing import CONTRACTS, VENDORS
from contracts.models import Contract, Vendor
from entitlements.filled_in import FilledInForm
from entitlements.metric_rules import COMMON, default_group, refuse_agreement, takes_database_option
from entitlements.models import (
    AgreementType,
    Duration,
    Entitlement,
    EntitlementDefinition,
    Kind,
    LicenseMetric,
    LicenseType,
    MetricGroup,
    PublisherPart,
)
from entitlements.queries import next_license_number, numbered

# What a form may offer, of the companies of who fills it in.
OFFERED: dict[str, type[Model]] = {
    "contract": Contract,
    "definition": EntitlementDefinition,
    "owned_by_person": Person,
    "owned_by_department": Department,
    "department": Department,
    "location": Location,
    "cost_centre": CostCentre,
}
PACKS = ("packs", "rights_per_pack")
MONEY = ("unit_cost", "currency", "vendor", "po_number", "invoice_number", "contract")
ASSIGNMENT = (
    "owned_by_person",
    "owned_by_department",
    "department",
    "location",
    "cost_centre",
    "tags",
    "notes",
)

OF_THE_COMPANY = {"company": "company"}
NEXT_NUMBER = "Number in the group of the serial number. Empty: the next, {}."


class EntitlementForm(FilledInForm):
    """What both kinds have in common."""

    kind: Kind

    contract = ChosenField(source=CONTRACTS, narrowed_by=OF_THE_COMPANY, required=False)
    vendor = ChosenField(source=VENDORS, queryset=Vendor.objects.all(), required=False)
    owned_by_person = ChosenField(source=PEOPLE, narrowed_by=OF_THE_COMPANY, required=False)
    owned_by_department = ChosenField(
        source=DEPARTMENTS, narrowed_by=OF_THE_COMPANY, required=False
    )
    department = ChosenField(source=DEPARTMENTS, narrowed_by=OF_THE_COMPANY, required=False)
    location = ChosenField(source=LOCATIONS, narrowed_by=OF_THE_COMPANY, required=False)
    cost_centre = ChosenField(source=COST_CENTRES, narrowed_by=OF_THE_COMPANY, required=False)
    tags = TagsField()

    def __init__(self, *args: Any, scope: Scope, **kwargs: Any) -> None:
        """
        :param scope: whose companies and records can be chosen
        """
        super().__init__(*args, **kwargs)
        companies = scope.companies(Capability.MANAGE)
        self._offer("company", Company.objects.filter(pk__in=companies))
        for name, model in OFFERED.items():
            if name in self.fields:
                self._offer(name, model._default_manager.filter(company__in=companies))
        tags = self.fields["tags"]
        assert isinstance(tags, TagsField)
        tags.offer(tags_in_use(Entitlement, companies))
        if self.instance.pk:
            # What is allocated of an entitlement belongs to its company; it does not move.
            del self.fields["company"]
        elif len(companies) == 1:
            self.initial.setdefault("company", next(iter(companies)))
        self.instance.kind = self.kind
        self.prepare()

    def _offer(self, name: str, records: Any) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = records

    @property
    def company(self) -> Company | None:
        """Whose the entitlement is or will be, where that is known."""
        return self.instance.company if self.instance.pk else self.chosen("company")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        self.check_money("unit_cost")
        self._check_days(cleaned)
        if cleaned.get("owned_by_person") and cleaned.get("owned_by_department"):
            self.add_error("owned_by_department", "Owned by a person or by a department, not both.")
        company = cleaned.get("company") or (self.instance.company if self.instance.pk else None)
        if company is not None:
            self._check_company(cleaned, company)
        return cleaned

    def _check_days(self, cleaned: dict[str, Any]) -> None:
        starts_on, ends_on = cleaned.get("starts_on"), cleaned.get("ends_on")
        if starts_on and ends_on and ends_on < starts_on:
            self.add_error("ends_on", f"The end is before the start, {starts_on:%Y-%m-%d}.")

    def _check_company(self, cleaned: dict[str, Any], company: Company) -> None:
        for name in OFFERED:
            chosen = cleaned.get(name)
            if chosen is not None and chosen.company_id != company.pk:
                self.add_error(name, f"“{chosen}” belongs to {chosen.company}, not to {company}.")
        tag = cleaned.get("asset_tag")
        others = Entitlement.objects.filter(~Q(pk=self.instance.pk), company=company)
        if tag and others.filter(asset_tag=tag).exists():
            self.add_error("asset_tag", f"Another entitlement of {company} has the tag “{tag}”.")


class LicenseForm(EntitlementForm):
    kind = Kind.LICENSE
    deciding = (
        *EntitlementForm.deciding,
        "metric_group",
        "duration",
        "is_unlimited",
        "serial_number",
    )
    groups = {
        "General": ("company", "asset_tag", "serial_number", "license_number"),
        "Product": ("part", "model", "license_type"),
        "Rights": (
            "metric_group",
            "metric",
            "agreement_type",
            "database_option",
            "is_unlimited",
            *PACKS,
            "purchased_rights",
        ),
        "Dates": ("purchased_on", "duration", "starts_on", "ends_on"),
        "Money": MONEY,
        "Assignment": ASSIGNMENT,
    }

    metric_group = forms.ModelChoiceField(
        queryset=MetricGroup.objects.all(),
        help_text="Whose licensing rules apply. It decides on metrics and agreement types.",
    )

    class Meta:
        model = Entitlement
        fields = (
            "company",
            "asset_tag",
            "serial_number",
            "license_number",
            "part",
            "model",
            "license_type",
            "metric",
            "agreement_type",
            "database_option",
            "is_unlimited",
            *PACKS,
            "purchased_rights",
            "purchased_on",
            "duration",
            "starts_on",
            "ends_on",
            *MONEY,
            *ASSIGNMENT,
        )
        help_texts = {
            "ends_on": "It still counts. Empty: the subscription does not expire.",
            "database_option": "One option or management pack; each is an entitlement of its own.",
            "packs": "Where packs were bought: packs × rights per pack are the rights.",
        }

    # --- Filling in and leaving out ---

    def prepare(self) -> None:
        self.initial.setdefault("license_type", LicenseType.FULL)
        self.initial.setdefault("duration", Duration.PERPETUAL)
        self.fields["duration"].required = True
        self._offer("metric", LicenseMetric.objects.select_related("group"))
        self._offer("agreement_type", AgreementType.objects.select_related("group"))
        self._settle_license_type()
        super().prepare()
        if self.is_drawn_anew:
            self._follow_publisher()
            self._keep_within_group()
        self._narrow_to_group()
        self._leave_out()
        self._describe_number()

    def _settle_license_type(self) -> None:
        if self.instance.pk:
            # Upgrades hang on it; the specification has it read-only once saved.
            del self.fields["license_type"]
        else:
            self.fields["license_type"].required = True

    def fill_from_part(self, part: PublisherPart) -> None:
        super().fill_from_part(part)
        if "license_type" in self.fields:
            self.fill("license_type", part.license_type)
        if part.metric is not None:
            self.fill("metric_group", part.metric.group)
            self.fill("metric", part.metric)

    def _follow_publisher(self) -> None:
        """A software model that was just chosen brings the metric group of its publisher."""
        part, model = self.chosen("part"), self.chosen("model")
        if part is not None and part.metric is not None and self._was_chosen("part", part):
            return
        if model is not None and self._was_chosen("model", model):
            self.fill("metric_group", self._group_of_publisher(model.product.vendor))
        elif model is None and part is not None and self._was_chosen("part", part):
            self.fill("metric_group", self._group_of_publisher(part.vendor))

    def _keep_within_group(self) -> None:
        """Metric and agreement type of another group give way to those called so in this one."""
        metric, agreement = self.chosen("metric"), self.chosen("agreement_type")
        if metric is not None and metric.group != self.group:
            own = self.group.metrics.filter(name=metric.name).first()
            self.fill("metric", own or "")
        if agreement is not None and agreement.group != self.group:
            own_agreement = self.group.agreement_types.filter(code=agreement.code).first()
            self.fill("agreement_type", own_agreement or "")

    @property
    def group(self) -> MetricGroup:
        """The metric group as it stands: chosen, else the metric's, else the publisher's."""
        if chosen := self.chosen("metric_group"):
            group: MetricGroup = chosen
            return group
        for name in ("metric", "agreement_type"):
            if of_group := self.chosen(name):
                return of_group.group
        model, part = self.chosen("model"), self.chosen("part")
        if model is None and part is None:
            return MetricGroup.objects.get(name=COMMON)
        return self._group_of_publisher(model.product.vendor if model else part.vendor)

    def _group_of_publisher(self, publisher: Vendor) -> MetricGroup:
        return MetricGroup.objects.get(name=default_group(publisher.name))

    def _narrow_to_group(self) -> None:
        """Offer metrics and agreement types of the group; one of another is refused by name."""
        group = self.group
        self.initial["metric_group"] = group.pk
        self._now["metric_group"] = group
        if self.is_bound and not self.was_sent("metric_group"):
            self.sent["metric_group"] = str(group.pk)
        self.fields["metric_group"].empty_label = None  # type: ignore[attr-defined]
        _offer_of_group(self.fields["metric"], group.metrics.order_by("name"))
        _offer_of_group(self.fields["agreement_type"], group.agreement_types.order_by("name"))

    def _leave_out(self) -> None:
        """Leave out what does not apply; what holds something is shown until that is taken out."""
        for name, applies in self._applies().items():
            holds = self.was_sent(name) if self.is_bound else self.chosen(name)
            if not applies and (self.is_drawn_anew or not holds):
                del self.fields[name]
        if self.chosen("duration") == Duration.SUBSCRIPTION:
            self.require("starts_on", "A subscription needs the day on which it starts.")
        if not (self.chosen("is_unlimited") or self.chosen("packs")):
            self.require("purchased_rights", "Say how many rights were purchased: 1 or more.")

    def _applies(self) -> dict[str, bool]:
        is_counted = not self.chosen("is_unlimited")
        is_subscription = self.chosen("duration") == Duration.SUBSCRIPTION
        return {
            "license_number": bool(self.chosen("serial_number")),
            "database_option": self._takes_database_option(),
            "packs": is_counted,
            "rights_per_pack": is_counted,
            "purchased_rights": is_counted,
            # A perpetual license that was given a start keeps it.
            "starts_on": is_subscription or bool(self.chosen("starts_on")),
            "ends_on": is_subscription,
        }

    def _takes_database_option(self) -> bool:
        model, part = self.chosen("model"), self.chosen("part")
        product = model.product.name if model else part.product_name if part else ""
        return takes_database_option(product, self.group.name)

    def _describe_number(self) -> None:
        serial = self.chosen("serial_number")
        if "license_number" in self.fields and serial and self.company is not None:
            following = next_license_number(self.company.pk, serial)
            self.fields["license_number"].help_text = NEXT_NUMBER.format(following)

    # --- Checking ---

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        self._check_rights(cleaned)
        self._check_duration(cleaned)
        self._check_group(cleaned)
        self._check_database_option(cleaned)
        self._check_number(cleaned)
        self._refuse_another_license_type()
        self._empty_what_is_left_out()
        return cleaned

    def _empty_what_is_left_out(self) -> None:
        """What does not apply does not stay with the record unseen."""
        for name in self._applies():
            if name not in self.fields:
                setattr(self.instance, name, "" if name == "database_option" else None)

    def _check_rights(self, cleaned: dict[str, Any]) -> None:
        if not cleaned.get("is_unlimited"):
            if cleaned.get("purchased_rights") == 0:
                self.add_error("purchased_rights", "Say how many rights were purchased: 1 or more.")
            return
        for name in ("purchased_rights", "packs"):
            if number := cleaned.get(name):
                self.add_error(
                    name, f"An unlimited license has no number of rights, and this says {number:,}."
                )

    def _check_duration(self, cleaned: dict[str, Any]) -> None:
        if cleaned.get("duration") == Duration.PERPETUAL and (end := cleaned.get("ends_on")):
            self.add_error(
                "ends_on",
                f"A perpetual license has no end, and {end:%Y-%m-%d} is given. Is it a"
                " subscription?",
            )

    def _check_group(self, cleaned: dict[str, Any]) -> None:
        group = cleaned.get("metric_group")
        metric, agreement = cleaned.get("metric"), cleaned.get("agreement_type")
        if group and metric and metric.group_id != group.pk:
            self.add_error(
                "metric", f"“{metric.name}” is a metric of {metric.group}, not of {group}."
            )
        elif metric and agreement and (why := refuse_agreement(metric, agreement)):
            self.add_error("agreement_type", why)
        elif group and agreement and agreement.group_id != group.pk:
            self.add_error(
                "agreement_type",
                f"“{agreement.name}” is an agreement type of {agreement.group}, not of {group}.",
            )

    def _check_database_option(self, cleaned: dict[str, Any]) -> None:
        option = cleaned.get("database_option")
        if not option:
            return
        if not self._takes_database_option():
            self.add_error(
                "database_option",
                f"“{option}”: only a license of the product DB Server in the metric group Oracle"
                " has a database option.",
            )
        elif any(mark in option for mark in ",;\n"):
            self.add_error(
                "database_option",
                f"“{option}” is more than one option. Enter an entitlement for each.",
            )

    def _check_number(self, cleaned: dict[str, Any]) -> None:
        number, serial = cleaned.get("license_number"), cleaned.get("serial_number")
        if number is None or self.company is None:
            return
        if not serial:
            self.add_error(
                "license_number",
                f"{number:,} is a number in the group of a serial number, and none is given.",
            )
        elif other := numbered(self.company.pk, serial, number, besides=self.instance.pk):
            self.add_error(
                "license_number",
                f"{number:,} of the serial number {serial} is {other}. The next free number is"
                f" {next_license_number(self.company.pk, serial)}.",
            )

    def _refuse_another_license_type(self) -> None:
        sent = self.data.get("license_type", "")
        if self.instance.pk and sent and sent != self.instance.license_type:
            self.add_error(
                None,
                f"The license type stays {self.instance.get_license_type_display()} once a license"
                f" is saved; “{sent}” was sent.",
            )


def _offer_of_group(field: forms.Field, records: Iterable[Any]) -> None:
    field.widget.choices = [
        ("", "---------"),
        *((record.pk, record.name) for record in records),
    ]


class MaintenanceForm(EntitlementForm):
    kind = Kind.MAINTENANCE
    deciding = (*EntitlementForm.deciding, "definition")
    groups = {
        "General": ("company", "asset_tag", "serial_number"),
        "Product": ("definition", "part", "model"),
        "Units and dates": (
            *PACKS,
            "purchased_rights",
            "purchased_on",
            "starts_on",
            "ends_on",
            "may_be_matched",
        ),
        "Money": MONEY,
        "Assignment": ASSIGNMENT,
    }

    class Meta:
        model = Entitlement
        fields = (
            "company",
            "asset_tag",
            "serial_number",
            "definition",
            "part",
            "model",
            *PACKS,
            "purchased_rights",
            "purchased_on",
            "starts_on",
            "ends_on",
            "may_be_matched",
            *MONEY,
            *ASSIGNMENT,
        )
        labels = {"purchased_rights": "Units", "rights_per_pack": "Units per pack"}
        help_texts = {
            "ends_on": "It still counts. Empty: the maintenance has no end.",
            "packs": "Where packs were bought: packs × units per pack are the units.",
        }

    def prepare(self) -> None:
        for name in ("definition", "starts_on"):
            self.fields[name].required = True
        super().prepare()
        if not self.chosen("packs"):
            self.require("purchased_rights", "Say how many units were purchased: 1 or more.")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("purchased_rights") == 0:
            self.add_error("purchased_rights", "Say how many units were purchased: 1 or more.")
        return cleaned

    @property
    def display_name(self) -> str:
        definition, name = self.chosen("definition"), super().display_name
        return f"{definition} for {name}" if definition and name else name
