"""
What a person can do to the rules of discovery, and to what they lead to. Both hold for all
companies.

Titles are matched anew and their products counted anew in the same transaction.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import Company, User
from common.acting import acting
from common.locks import hold_shared
from common.sql import run
from contracts.discovery import PATTERNS, matches
from contracts.models import DiscoveryMap, Product, SoftwareModel
from contracts.services.catalogue import NewModel, model_called
from deployments.counting import Units, counts_if, recount
from deployments.matching import (
    FoundTitle,
    as_title,
    hold_rules_alone,
    matched,
    rules_in_force,
)
from deployments.models import DiscoveredSoftware

TITLES_READ_AT_ONCE = 5_000
SHOWN_TITLES = 50
# A rule that is only tried out was made after all others: of two that are alike, the other counts.
NOT_MADE_YET = 2**63 - 1


class RuleRefused(Exception):
    """The rule cannot be made or withdrawn; the message says why and what to do."""


@dataclass(frozen=True, kw_only=True)
class Rematch:
    """A title that comes to meet another rule, or none."""

    title_id: int
    company_id: int
    rule_id: int | None
    model_id: int | None
    model_before_id: int | None


@dataclass(frozen=True, kw_only=True)
class CountMove:
    """How the counts of a product in a company would move."""

    company: Company
    product: Product
    before: Units
    after: Units


@dataclass(frozen=True, kw_only=True)
class RulePreview:
    """
    What a rule would do, in the companies that a person may see.

    :param titles: how many titles would come to meet it
    :param kept: how many it fits too that stay with a more specific rule
    :param shown: the titles of which there is most
    :param moves: the products whose counts would move
    """

    titles: int
    kept: int
    shown: list[DiscoveredSoftware]
    moves: list[CountMove]


def add_rule(rule: DiscoveryMap, *, new_model: NewModel | None = None, by: User) -> DiscoveryMap:
    """
    Put a rule in force, and match anew what it fits.

    :param new_model: what the titles are, if that is to be added to the catalogue
    :raises RuleRefused: where a rule with the same patterns is in force
    :raises deployments.matching.RulesAreInUse: while an inventory is imported
    :raises common.locks.CompanyIsBusy: while a company concerned is rewritten
    """
    with acting(by, rule.reason or f"Rule of discovery made: {rule}"):
        hold_rules_alone()
        if rule_alike(rule) is not None:
            raise RuleRefused("A rule with the same patterns is in force. Withdraw that one first.")
        if new_model is not None:
            rule.model = model_called(new_model, by=by)
        rule.made_by = by
        rule.save()
        _rematch(_titles_fitting(rule, DiscoveredSoftware.objects.all()))
    return rule


def withdraw_rule(rule: DiscoveryMap, *, by: User, reason: str) -> None:
    """
    Take a rule out of force: its titles meet the next most specific one, or none.

    :raises RuleRefused: where it is withdrawn already
    :raises deployments.matching.RulesAreInUse: while an inventory is imported
    :raises common.locks.CompanyIsBusy: while a company concerned is rewritten
    """
    with acting(by, reason or f"Rule of discovery withdrawn: {rule}"):
        hold_rules_alone()
        rule.refresh_from_db(from_queryset=DiscoveryMap.objects.select_for_update())
        if rule.withdrawn_at is not None:
            raise RuleRefused("This rule is withdrawn already.")
        rule.withdrawn_by = by
        rule.withdrawn_at = timezone.now()
        rule.save(update_fields=["withdrawn_by", "withdrawn_at"])
        _rematch(_read(DiscoveredSoftware.objects.filter(rule=rule)))


def move_model(model: SoftwareModel, *, by: User) -> None:
    """
    Record that a software model is of another product, and count both anew where it was found.

    :param model: as it is to be
    :raises deployments.matching.RulesAreInUse: while an inventory is imported
    :raises common.locks.CompanyIsBusy: while a company concerned is rewritten
    """
    before = Product.objects.get(software_models=model.pk)
    with acting(by, f"Moved from {before} to {model.product}"):
        hold_rules_alone()
        titles = DiscoveredSoftware.objects.filter(model=model).order_by("company")
        companies = list(titles.values_list("company", flat=True).distinct())
        for company_id in companies:
            hold_shared(company_id)
        model.save()
        for company_id in companies:
            recount(company_id=company_id, product_ids=[before.pk, model.product_id])


def preview_rule(
    rule: DiscoveryMap,
    *,
    new_model: NewModel | None = None,
    companies: Collection[int],
    by: User,
) -> RulePreview:
    """What a rule that is not saved would do to the titles of some companies."""
    with acting(by, "Tried out"), transaction.atomic():
        if new_model is not None:
            rule.model = model_called(new_model, by=by)
        preview = _try_out(rule, companies)
        transaction.set_rollback(True)  # the model, if one was made, was so only to be counted
    return preview


def _try_out(rule: DiscoveryMap, companies: Collection[int]) -> RulePreview:
    visible = DiscoveredSoftware.objects.filter(company_id__in=companies)
    fitting = list(_titles_fitting(rule, visible))
    tried = DiscoveryMap(pk=NOT_MADE_YET, model=rule.model)
    for field in PATTERNS:
        setattr(tried, field, getattr(rule, field))
    changed = [
        each
        for each in _rematched(fitting, [*rules_in_force(), tried])
        if each.rule_id == NOT_MADE_YET
    ]
    met = [each.title_id for each in changed]
    titles = visible.filter(pk__in=met).select_related("company").order_by("-installs", "name")
    return RulePreview(
        titles=len(changed),
        kept=len(fitting) - len(changed),
        shown=list(titles[:SHOWN_TITLES]),
        moves=_moves(changed),
    )


def rule_alike(rule: DiscoveryMap) -> DiscoveryMap | None:
    """The rule in force with the same patterns, if there is one."""
    same = {f"{field}__iexact": getattr(rule, field) for field in PATTERNS}
    return DiscoveryMap.objects.filter(withdrawn_at=None, **same).exclude(pk=rule.pk).first()


# --- Matching anew ---


@dataclass(frozen=True, kw_only=True)
class _Known:
    """A title with what it is matched by now."""

    title: FoundTitle
    company_id: int
    rule_id: int | None
    model_id: int | None


def _read(titles: "QuerySet[DiscoveredSoftware]") -> Iterator[_Known]:
    rows = titles.order_by().values_list("pk", *PATTERNS, "company_id", "rule_id", "model_id")
    for *title, company_id, rule_id, model_id in rows.iterator(TITLES_READ_AT_ONCE):
        yield _Known(title=tuple(title), company_id=company_id, rule_id=rule_id, model_id=model_id)


def _titles_fitting(rule: DiscoveryMap, titles: "QuerySet[DiscoveredSoftware]") -> Iterator[_Known]:
    fits = matches(rule)
    return (known for known in _read(titles) if fits(as_title(known.title)))


def _rematched(known: Iterable[_Known], rules: Iterable[DiscoveryMap]) -> Iterator[Rematch]:
    """Those titles that come to meet another rule than now."""
    by_id = {each.title[0]: each for each in known}
    for title_id, rule in matched((each.title for each in by_id.values()), rules):
        before = by_id[title_id]
        if before.rule_id != (rule.pk if rule else None):
            yield Rematch(
                title_id=title_id,
                company_id=before.company_id,
                rule_id=rule.pk if rule else None,
                model_id=rule.model_id if rule else None,
                model_before_id=before.model_id,
            )


def _rematch(known: Iterable[_Known]) -> None:
    changed = sorted(_rematched(known, rules_in_force()), key=lambda each: each.title_id)
    by_company = _by_company(changed)
    for company_id in sorted(by_company):
        hold_shared(company_id)
    run(
        "UPDATE deployments_discoveredsoftware title SET rule_id = met.rule_id,"
        " model_id = met.model_id"
        " FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[]) AS met (id, rule_id, model_id)"
        " WHERE title.id = met.id",
        [
            [each.title_id for each in changed],
            [each.rule_id for each in changed],
            [each.model_id for each in changed],
        ],
    )
    for company_id, titles in sorted(by_company.items()):
        recount(company_id=company_id, product_ids=_products_of(titles))


def _by_company(changed: Iterable[Rematch]) -> dict[int, list[Rematch]]:
    by_company: dict[int, list[Rematch]] = defaultdict(list)
    for each in changed:
        by_company[each.company_id].append(each)
    return by_company


def _products_of(titles: Iterable[Rematch]) -> set[int]:
    """The products that some titles were of, or come to be of."""
    models = {model for each in titles for model in (each.model_id, each.model_before_id) if model}
    products = SoftwareModel.objects.filter(pk__in=models).order_by()
    return set(products.values_list("product_id", flat=True))


def _moves(changed: Iterable[Rematch]) -> list[CountMove]:
    """How counts would move, the products of each company in the order of their names."""
    moves = []
    by_company = _by_company(changed)
    companies = Company.objects.in_bulk(by_company)
    for company_id, titles in by_company.items():
        products = Product.objects.in_bulk(_products_of(titles))
        models = {each.title_id: each.model_id for each in titles}
        before = counts_if(company_id=company_id, product_ids=products, models={})
        after = counts_if(company_id=company_id, product_ids=products, models=models)
        moves += [
            CountMove(
                company=companies[company_id], product=product, before=before[pk], after=after[pk]
            )
            for pk, product in products.items()
            if before[pk] != after[pk]
        ]
    return sorted(moves, key=lambda move: (move.company.name, move.product.name))
