"""The metric catalogue in the admin: administrators add to it, a superuser changes it."""

from typing import Any

from django.contrib import admin
from django.forms import ModelForm
from django.http import HttpRequest

from accounts.administration import CatalogueAdmin, CatalogueInline
from common.admin import ReadOnlyAdmin
from entitlements.metric_rules import CUSTOM
from entitlements.models import (
    AgreementType,
    LicenseMetric,
    MetricAttribute,
    MetricGroup,
    ModelAttribute,
    ProcessorValue,
    Tier,
    TierTable,
)


@admin.register(MetricGroup)
class MetricGroupAdmin(ReadOnlyAdmin, CatalogueAdmin):
    """The groups are those whose rules are known."""

    list_display = ("name",)
    search_fields = ("name",)


class MetricForm(ModelForm):
    """A metric that is added here is one of ours: of the group Custom."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is None:
            self.instance.group = MetricGroup.objects.get(name=CUSTOM)

    def _get_validation_exclusions(self) -> set[str]:
        # The form does not ask for the group, but a name is taken within it.
        return super()._get_validation_exclusions() - {"group"}


@admin.register(LicenseMetric)
class LicenseMetricAdmin(CatalogueAdmin):
    form = MetricForm
    fields = ("group", "name", "counted_by", "description", "calculation", "source")
    readonly_fields = ("group",)
    list_display = ("name", "group", "counted_by", "description")
    list_filter = ("group",)
    list_select_related = ("group",)
    search_fields = ("name",)


@admin.register(AgreementType)
class AgreementTypeAdmin(CatalogueAdmin):
    list_display = ("name", "code", "group", "always_compliant", "has_license_impact")
    list_filter = ("group",)
    list_select_related = ("group",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("group",) if obj else ()


@admin.register(MetricAttribute)
class MetricAttributeAdmin(CatalogueAdmin):
    list_display = ("name", "metric", "key", "default_value", "as_of")
    list_filter = ("metric__group",)
    list_select_related = ("metric__group",)
    search_fields = ("name", "key", "metric__name")
    autocomplete_fields = ("metric",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """What counts asks for an attribute by its key, and models have values of it."""
        return ("metric", "key") if obj else ()


@admin.register(ModelAttribute)
class ModelAttributeAdmin(CatalogueAdmin):
    list_display = ("model", "attribute", "value", "as_of")
    list_select_related = ("model", "attribute__metric__group")
    search_fields = ("model__name", "attribute__name", "attribute__metric__name")
    autocomplete_fields = ("model", "attribute")


@admin.register(ProcessorValue)
class ProcessorValueAdmin(CatalogueAdmin):
    list_display = ("processor", "table", "value", "notes", "as_of")
    list_filter = ("table",)
    search_fields = ("processor", "notes")


class TierInline(CatalogueInline):
    model = Tier
    min_num = 1
    validate_min = True


@admin.register(TierTable)
class TierTableAdmin(CatalogueAdmin):
    list_display = ("name", "key", "way", "as_of")
    search_fields = ("name", "key")
    inlines = (TierInline,)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("key",) if obj else ()
