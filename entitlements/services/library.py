"""What a part number that is used adds to the catalogue: its software model, its suite."""

from django.db.models import Value
from django.db.models.functions import Lower

from contracts.models import Product, SoftwareModel, SuitePart, Vendor
from entitlements.models import PublisherPart, SuiteComponent
from entitlements.parts import Words, models_of, models_of_component


class SeveralModelsFit(ValueError):
    """A part number fits several software models: somebody has to say which is meant."""

    def __init__(self, part: PublisherPart, candidates: tuple[SoftwareModel, ...]) -> None:
        named = ", ".join(model.name for model in candidates)
        super().__init__(f"Several software models fit {part}: {named}. Choose one.")


def take_model(part: PublisherPart) -> SoftwareModel:
    """
    The software model that a part means; made where none fits. The caller acts.

    :raises SeveralModelsFit: where there is no telling which is meant
    """
    fit = models_of(part)
    if fit.is_open:
        raise SeveralModelsFit(part, fit.candidates)
    if fit.model is not None:
        return fit.model
    words = Words(
        version=part.version, edition=part.edition, platform=part.platform, language=part.language
    )
    return _make_model(part.vendor, part.product_name, words, product_type=part.product_type)


def make_suite(part: PublisherPart, suite: SoftwareModel) -> None:
    """
    Say of a software model what the library says that the part holds. The caller acts.

    Of a component's models the one in its words is meant, or the only one; else one is made.
    """
    for component in part.components.select_related("vendor"):
        held = models_of_component(component, part).model or _make_component(component, part)
        if held != suite:
            SuitePart.objects.bulk_create(
                [SuitePart(suite=suite, component=held)], ignore_conflicts=True
            )


def _make_component(component: SuiteComponent, part: PublisherPart) -> SoftwareModel:
    words = Words(version=component.version, edition=component.edition)
    return _make_model(component.vendor or part.vendor, component.product_name, words)


def _make_model(
    vendor: Vendor, product_name: str, words: Words, *, product_type: str = ""
) -> SoftwareModel:
    """Make a software model, unless somebody else did so at this moment."""
    Product.objects.bulk_create([Product(vendor=vendor, name=product_name)], ignore_conflicts=True)
    named = Product.objects.alias(key=Lower("name")).filter(
        vendor=vendor, key=Lower(Value(product_name))
    )
    product = named.select_related("vendor").get()
    attributes = {
        "version": words.version,
        "edition": words.edition,
        "platform": words.platform,
        "language": words.language,
    }
    name = " ".join(filter(None, (product.name, *attributes.values())))[:400]
    model = SoftwareModel(product=product, name=name, **attributes)
    model.product_type = product_type or model.product_type
    SoftwareModel.objects.bulk_create([model], ignore_conflicts=True)
    same = {f"{key}__iexact": value for key, value in attributes.items()}
    return SoftwareModel.objects.select_related("product__vendor").get(product=product, **same)
