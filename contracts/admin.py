"""Contracts and the software catalogue in the admin. Contracts are changed on their own pages."""

from django.contrib import admin
from django.forms import ModelForm
from django.http import HttpRequest

from accounts.administration import CatalogueAdmin, ReadOnlyCompanyAdmin
from common.locks import CompanyIsBusy
from contracts.models import Contract, ContractType, Product, SoftwareModel, Vendor
from contracts.services.catalogue import model_name
from deployments.matching import RulesAreInUse
from deployments.services import move_model


@admin.register(Vendor)
class VendorAdmin(CatalogueAdmin):
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
    list_display = ("name", "is_enterprise")


@admin.register(Contract)
class ContractAdmin(ReadOnlyCompanyAdmin):
    list_display = ("number", "name", "type", "vendor", "company")
    list_select_related = ("type", "vendor", "company")
    search_fields = ("number", "name")
