"""The metric catalogue in the admin: administrators add to it, a superuser changes it."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from accounts.administration import CatalogueAdmin, CatalogueInline
from accounts.models import User
from common.admin import ReadOnlyAdmin
from common.shown import count_of
from entitlements.attribute_sheet import HEADINGS, MOST_BYTES, SheetRefused, save_sheet
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

    def clean_name(self) -> str:
        """Says what the database would refuse: a name that is there already."""
        name: str = self.cleaned_data["name"]
        of_group = LicenseMetric.objects.filter(group=self.instance.group, name__iexact=name)
        if other := of_group.exclude(pk=self.instance.pk).first():
            raise forms.ValidationError(f"There is “{other}” already. Choose another name.")
        return name


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


class SheetForm(forms.Form):
    """A sheet of metric attributes of software models."""

    file = forms.FileField(help_text=f"CSV with the headings {', '.join(HEADINGS)}.")


@admin.register(ModelAttribute)
class ModelAttributeAdmin(CatalogueAdmin):
    """Entered one by one, or by a sheet."""

    list_display = ("model", "attribute", "value", "as_of")
    list_select_related = ("model", "attribute__metric__group")
    search_fields = ("model__name", "attribute__name", "attribute__metric__name")
    autocomplete_fields = ("model", "attribute")
    change_list_template = "admin/entitlements/attribute_list.html"

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("model", "attribute") if obj else ()

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.import_sheet)
        return [
            path("import/", view, name="entitlements_modelattribute_import"),
            *super().get_urls(),
        ]

    def import_sheet(self, request: HttpRequest) -> HttpResponse:
        form = SheetForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid() and self._import(request, form):
            return redirect("admin:entitlements_modelattribute_changelist")
        context = {
            **self.admin_site.each_context(request),
            "title": "Import metric attributes of software models",
            "form": form,
            "opts": self.opts,
            "headings": HEADINGS,
        }
        return TemplateResponse(
            request,
            "admin/entitlements/attribute_import.html",
            context,
            status=422 if form.errors else 200,
        )

    def _import(self, request: HttpRequest, form: SheetForm) -> bool:
        file = form.cleaned_data["file"]
        assert isinstance(request.user, User)
        try:
            saved = save_sheet(file.read(MOST_BYTES + 1), by=request.user)
        except SheetRefused as refused:
            form.add_error("file", refused.problems)
            return False
        messages.success(
            request,
            f"{count_of(saved.added, 'value')} added, {saved.changed:,} changed,"
            f" {saved.same:,} as they were.",
        )
        return True


class ProcessorForm(ModelForm):
    def clean(self) -> dict[str, Any]:
        """Says what the database would refuse: a processor that is in the table already."""
        cleaned = super().clean() or self.cleaned_data
        of_table = ProcessorValue.objects.filter(
            table=cleaned.get("table", ""), processor__iexact=cleaned.get("processor", "")
        )
        if other := of_table.exclude(pk=self.instance.pk).first():
            self.add_error("processor", f"The table has it already: {other}.")
        return cleaned


@admin.register(ProcessorValue)
class ProcessorValueAdmin(CatalogueAdmin):
    form = ProcessorForm
    list_display = ("processor", "table", "value", "notes", "as_of")
    list_filter = ("table",)
    search_fields = ("processor", "notes")


class TierFormSet(forms.BaseInlineFormSet):
    def clean(self) -> None:
        super().clean()
        if not any(form.instance.pk or form.has_changed() for form in self.forms):
            raise forms.ValidationError("A table has at least one tier.")


class TierInline(CatalogueInline):
    model = Tier
    formset = TierFormSet
    min_num = 1


@admin.register(TierTable)
class TierTableAdmin(CatalogueAdmin):
    list_display = ("name", "key", "way", "as_of")
    search_fields = ("name", "key")
    inlines = (TierInline,)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("key",) if obj else ()
