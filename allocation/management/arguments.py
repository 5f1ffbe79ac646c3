"""Arguments that commands share: a day, and companies by their short codes."""

from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Sequence
from datetime import date

from django.core.management.base import CommandError

from accounts.models import Company


def add_day(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--as-of", type=_day, metavar="DAY", help="the day, like 2026-05-31 (default: today)"
    )


def add_companies(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--company",
        action="append",
        default=[],
        metavar="CODE",
        help="short code of a company; may be given more than once (default: all companies)",
    )


def companies_of(codes: Sequence[str]) -> list[Company]:
    """
    The companies of some short codes, in the order of their names; without codes all.

    :raises CommandError: naming the codes that belong to no company
    """
    companies = Company.objects.order_by("name")
    if not codes:
        return list(companies)
    found = list(companies.filter(code__in=codes))
    if unknown := sorted(set(codes) - {company.code for company in found}):
        known = ", ".join(company.code for company in companies)
        raise CommandError(
            f"There is no company {', '.join(unknown)}. There are: {known}.", returncode=2
        )
    return found


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{text!r} is not a day like 2026-05-31") from error
