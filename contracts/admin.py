"""Contracts and the software catalogue in the admin. Contracts are changed on their own pages."""

from django.contrib import admin
from django.forms import ModelForm, ValidationError
from django.http import HttpRequest

from accounts.administration import CatalogueAdmin, ReadOnlyCompanyAdmin
from common.locks import CompanyIsBusy
from contracts.models import Contract, ContractType, Product, SoftwareModel, Vendor
from contracts.services.catalogue import model_name
from deployments.matching import RulesAreInUse
from deployments.services import move_model


class NamedOnceForm(ModelForm):
    """Says what the database would refuse: a name that is there already, in whatever letters."""

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        others = self._meta.model._default_manager.exclude(pk=self.instance.pk)
        if other := others.filter(name__iexact=name).first():
            raise ValidationError(f"There is “{other}” already. Use it, or choose another name.")
        return name


@admin.register(Vendor)
class VendorAdmin(CatalogueAdmin):
    form = NamedOnceForm
    list_display = ("name", "website")
    search_fields = ("name",)


@admin.register(Product)
class ProductAdmin(CatalogueAdmin):
    list_display = ("name", "vendor")
    list_select_related = ("vendor",)
    search_fields = ("name", "vendor__name")
    autocomplete_fields = ("vendor",)


@admin.register(SoftwareModel)
class SoftwareModelAdmin(CatalogueAdmin):
    """Software models; their names are made of what they are."""

    list_display = ("name", "product", "product_type")
    list_select_related = ("product",)
    list_filter = ("product_type",)
    search_fields = ("name", "product__vendor__name")
    autocomplete_fields = ("product",)
    exclude = ("name",)
    told_as_busy = (CompanyIsBusy, RulesAreInUse)

    def save_model(
        self, request: HttpRequest, obj: SoftwareModel, form: ModelForm, change: bool
    ) -> None:
        obj.name = model_name(
            obj.product.name, obj.version, obj.edition, obj.platform, obj.language
        )
        if change and "product" in form.changed_data:
            move_model(obj, by=request.user)  # type: ignore[arg-type]  # somebody is signed in
        else:
            super().save_model(request, obj, form, change)


@admin.register(ContractType)
class ContractTypeAdmin(CatalogueAdmin):
    form = NamedOnceForm
    list_display = ("name", "is_enterprise")


@admin.register(Contract)
class ContractAdmin(ReadOnlyCompanyAdmin):
    list_display = ("number", "name", "type", "vendor", "company")
    list_select_related = ("type", "vendor", "company")
    search_fields = ("number", "name")
