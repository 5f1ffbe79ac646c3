"""The scope: which companies a person may see, and what they may do in each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Self

from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import Http404

from accounts.roles import Capability, Role


@dataclass(frozen=True, kw_only=True)
class Scope:
    """
    What one person may do, company by company.

    :param user_id: whose scope this is
    :param capabilities: by company id; a company that is not in it does not exist for this person
    :param names: of these companies, by id, in their order
    :param roles: what the person is in them: the id of a company and a role of theirs in it
    :param is_superuser: may also do what belongs to no company
    :param narrowed_to: the company chosen in the switcher, or None for all
    """

    user_id: int | None
    capabilities: Mapping[int, frozenset[Capability]]
    names: Mapping[int, str] = field(default_factory=dict)
    roles: Sequence[tuple[int, Role]] = ()
    is_superuser: bool = False
    narrowed_to: int | None = None

    def companies(self, capability: Capability = Capability.READ) -> frozenset[int]:
        """The ids of the companies in which the person has a capability, as now narrowed."""
        allowed = {company for company, held in self.capabilities.items() if capability in held}
        return frozenset(allowed if self.narrowed_to is None else allowed & {self.narrowed_to})

    def may(self, capability: Capability, company_id: int) -> bool:
        """Whether the person has a capability in a company, narrowed or not."""
        return capability in self.capabilities.get(company_id, frozenset())

    def may_anywhere(self, capability: Capability) -> bool:
        """Whether the person has a capability in any company."""
        return self.is_superuser or any(capability in held for held in self.capabilities.values())

    def demand(self, capability: Capability, company_id: int) -> None:
        """
        Refuse what the person may not do.

        :raises Http404: where the company does not exist for the person
        :raises PermissionDenied: where they see it but lack the capability
        """
        if not self.may(Capability.READ, company_id):
            raise Http404
        if not self.may(capability, company_id):
            raise PermissionDenied(f"Your role here does not let you {capability}.")

    def narrowed(self, company_id: int | None) -> "Scope":
        """The same scope, narrowed to a company that is in it; any other id leaves it whole."""
        return replace(self, narrowed_to=company_id if company_id in self.capabilities else None)

    @property
    def whole(self) -> "Scope":
        """The same scope, not narrowed: the page of a record opens wherever its link was found."""
        return self.narrowed(None)


NOTHING = Scope(user_id=None, capabilities={})


class ScopedQuerySet[Record: models.Model](models.QuerySet[Record]):
    """A query over records of companies. Pages start from ``visible_to``, always."""

    def visible_to(self, scope: Scope, capability: Capability = Capability.READ) -> Self:
        """The records of the companies in which the scope has a capability."""
        return self.filter(company_id__in=scope.companies(capability))
