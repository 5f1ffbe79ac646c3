"""What forms let a person choose of vendors, products, models and contracts, by typing."""

from accounts.choosing import Source
from contracts.models import Contract, Product, SoftwareModel, Vendor

VENDORS = Source(
    name="vendors",
    noun="vendor",
    records=lambda scope: Vendor.objects.all(),
    search=("name",),
)
PRODUCTS = Source(
    name="products",
    noun="product",
    records=lambda scope: Product.objects.select_related("vendor").order_by("name", "pk"),
    search=("name", "vendor__name"),
    narrowing={"vendor": "vendor"},
    describe=lambda product: product.vendor.name,
)
MODELS = Source(
    name="models",
    noun="software model",
    records=lambda scope: SoftwareModel.objects.select_related("product__vendor"),
    search=("name", "product__vendor__name"),
    narrowing={"vendor": "product__vendor", "product": "product"},
    describe=lambda model: model.product.vendor.name,
)
CONTRACTS = Source(
    name="contracts",
    noun="contract",
    records=lambda scope: Contract.objects.visible_to(scope).select_related("vendor"),
    search=("name", "number"),
    narrowing={"company": "company", "vendor": "vendor"},
    describe=lambda contract: contract.vendor.name,
)
