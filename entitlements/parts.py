"""
Which software model a part number means.

A part describes software: publisher and product, and of version, edition, platform and language
what matters to it. The models of that product that have what it names are its candidates; one that
is described in exactly the same words is meant, else the only candidate. The workbook import finds
them by sets (``entitlements.workbook.planning.parts``), by the same rule.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from django.db.models import Value
from django.db.models.functions import Lower

from contracts.models import SoftwareModel
from entitlements.models import PublisherPart, SuiteComponent

ATTRIBUTES = ("version", "edition", "platform", "language")


class Described(Protocol):
    """Software of a product in words; an empty one means any."""

    @property
    def version(self) -> str: ...
    @property
    def edition(self) -> str: ...
    @property
    def platform(self) -> str: ...
    @property
    def language(self) -> str: ...


@dataclass(frozen=True, kw_only=True)
class Words:
    """Software of a product as a part or a component of a suite describes it."""

    version: str = ""
    edition: str = ""
    platform: str = ""
    language: str = ""


@dataclass(frozen=True)
class Fit[Model]:
    """
    What fits a description.

    :param model: the one that is meant; None where there is none, or several and no telling which
    :param candidates: all that fit
    """

    model: Model | None
    candidates: tuple[Model, ...]

    @property
    def is_open(self) -> bool:
        """Whether a person has to say which is meant."""
        return self.model is None and bool(self.candidates)


def fit[Model: Described](wanted: Described, models: Sequence[Model]) -> Fit[Model]:
    """
    The models of a product that a description fits, and the one it means. Case does not matter.

    :param models: of the described product, in the order in which they shall be offered
    """
    words = _words(wanted)
    candidates = [m for m in models if _has(_words(m), words)]
    exact = [m for m in candidates if _words(m) == words]
    meant = exact or (candidates if len(candidates) == 1 else [])
    return Fit(meant[0] if meant else None, tuple(candidates))


def _words(described: Described) -> tuple[str, ...]:
    return tuple(getattr(described, name).lower() for name in ATTRIBUTES)


def _has(words: tuple[str, ...], wanted: tuple[str, ...]) -> bool:
    return all(not want or want == word for word, want in zip(words, wanted, strict=True))


def models_of(part: PublisherPart) -> Fit[SoftwareModel]:
    """The software models that a part fits."""
    return fit(part, _models(part.vendor_id, part.product_name))


def models_of_component(component: SuiteComponent, suite: PublisherPart) -> Fit[SoftwareModel]:
    """The software models that a component of a suite fits."""
    wanted = Words(version=component.version, edition=component.edition)
    return fit(wanted, _models(component.vendor_id or suite.vendor_id, component.product_name))


def _models(vendor_id: int, product_name: str) -> list[SoftwareModel]:
    named = SoftwareModel.objects.alias(product_key=Lower("product__name")).filter(
        product__vendor=vendor_id, product_key=Lower(Value(product_name))
    )
    return list(named.select_related("product__vendor").order_by("name", "pk"))


def is_of(part: PublisherPart, model: SoftwareModel) -> bool:
    """Whether a part is of the publisher and product of a software model."""
    return (
        part.vendor_id == model.product.vendor_id
        and part.product_name.lower() == model.product.name.lower()
    )
