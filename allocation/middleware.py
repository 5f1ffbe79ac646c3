"""What is done before a page that shows the numbers of licenses."""

from collections.abc import Callable
from datetime import date

from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

from allocation.services import refresh_outdated
from common.locks import CompanyIsBusy

SECONDS_TO_WAIT = 2.0


class NumbersOfTheDayMiddleware:
    """
    Shows nobody the numbers of another day.

    A license ends, starts or is returned by dates alone, and a worker counts it anew at midnight.
    Where none has done so, the first request of the day does: in each process once a day, since
    whatever is written later is counted for that day.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self._counted_for: date | None = None

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        today = timezone.localdate()
        if self._counted_for != today and request.user.is_authenticated:
            self._count_for(today)
        return self.get_response(request)

    def _count_for(self, today: date) -> None:
        try:
            refresh_outdated(day=today, seconds=SECONDS_TO_WAIT)
        except CompanyIsBusy:
            return  # no page waits for a run or for a large import; the next one asks again
        self._counted_for = today
