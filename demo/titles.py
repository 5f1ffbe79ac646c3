"""The products and software models of the demo, and the examples of publisher part numbers."""

from typing import NamedTuple

from contracts.models import Product, SoftwareModel, Vendor
from demo.catalogue import CATALOGUE, EXAMPLES, SUITES, Sold
from entitlements.models import AgreementType, LicenseMetric, PublisherPart, SuiteComponent
from entitlements.services.library import make_suite


class Title(NamedTuple):
    """A software model with all that a purchase of it needs."""

    sold: Sold
    model: SoftwareModel
    vendor: Vendor
    metric: LicenseMetric
    agreement_type: AgreementType
    part: PublisherPart


def make_titles(vendors: dict[str, Vendor]) -> tuple[list[Title], dict[str, Title]]:
    """The titles of the catalogue, and those of the examples by their names."""
    usual = _make(vendors, CATALOGUE)
    of_examples = _make(vendors, EXAMPLES)
    _make_suites(of_examples)
    return usual, {title.model.name: title for title in of_examples}


def _make_suites(titles: list[Title]) -> None:
    """Say of the examples that are suites what they hold, as the use of their parts would."""
    suites = [title for title in titles if title.part.is_suite]
    SuiteComponent.objects.bulk_create(
        SuiteComponent(part=suite.part, product_name=product)
        for suite in suites
        for product in SUITES[suite.sold.product]
    )
    for suite in suites:
        make_suite(suite.part, suite.model)


def _make(vendors: dict[str, Vendor], catalogue: tuple[Sold, ...]) -> list[Title]:
    products = Product.objects.bulk_create(
        Product(vendor=vendors[sold.vendor], name=sold.product) for sold in catalogue
    )
    versions = [
        (sold, product, version)
        for sold, product in zip(catalogue, products, strict=True)
        for version in sold.versions
    ]
    models = SoftwareModel.objects.bulk_create(
        SoftwareModel(
            product=product,
            name=" ".join(filter(None, (product.name, version, sold.edition))),
            version=version,
            edition=sold.edition,
        )
        for sold, product, version in versions
    )
    metrics = {(m.group.name, m.name): m for m in LicenseMetric.objects.select_related("group")}
    generic = {
        a.group.name: a
        for a in AgreementType.objects.filter(code="Generic").select_related("group")
    }
    parts = PublisherPart.objects.bulk_create(
        PublisherPart(
            vendor=vendors[sold.vendor],
            # Part numbers of the demo are made up, and say so.
            number=f"EXAMPLE-{model.pk:04}",
            description=f"Example: {model.name}",
            is_example=True,
            source="Made up for the demo",
            product_name=sold.product,
            version=model.version,
            edition=model.edition,
            is_suite=sold.product in SUITES,
            metric=metrics[sold.group, sold.metric],
        )
        for (sold, _product, _version), model in zip(versions, models, strict=True)
    )
    return [
        Title(
            sold,
            model,
            vendors[sold.vendor],
            metrics[sold.group, sold.metric],
            generic[sold.group],
            part,
        )
        for (sold, _, _), model, part in zip(versions, models, parts, strict=True)
    ]
