"""What a person can add to the catalogue that all companies share."""

from dataclasses import dataclass

from accounts.models import User
from common.acting import acting
from contracts.models import Product, SoftwareModel, Vendor


@dataclass(frozen=True, kw_only=True)
class NewModel:
    """A software model by the names of what it is; empty means any."""

    vendor: str
    product: str
    version: str = ""
    edition: str = ""

    @property
    def name(self) -> str:
        return model_name(self.product, self.version, self.edition)


def model_name(*parts: str) -> str:
    """A software model is called after its product, version, edition, platform and language."""
    return " ".join(part for part in parts if part)[:400]


def model_called(new: NewModel, *, by: User) -> SoftwareModel:
    """The software model of these names; it, its product and its vendor are added where missing."""
    with acting(by, f"Added to the catalogue: {new.vendor} {new.name}"):
        vendor = Vendor.objects.filter(name__iexact=new.vendor).first()
        vendor = vendor or Vendor.objects.create(name=new.vendor)
        product = vendor.products.filter(name__iexact=new.product).first()
        product = product or Product.objects.create(vendor=vendor, name=new.product)
        known = product.software_models.filter(
            version__iexact=new.version, edition__iexact=new.edition, platform="", language=""
        )
        return known.first() or SoftwareModel.objects.create(
            product=product, version=new.version, edition=new.edition, name=new.name
        )
