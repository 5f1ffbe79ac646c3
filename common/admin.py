"""What all pages of the admin have in common: changes are recorded, nothing is deleted."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse

from common.acting import acting
from common.locks import CompanyIsBusy
from common.stories import StoryQuery

SHOWN_CHAPTERS = 200


class RecordAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # has none at run time
    """The base of all admin pages: who changes something is recorded; nothing is deleted."""

    actions = None
    list_per_page = 50
    # A count over everything would be slow, and would count what one may not see.
    show_full_result_count = False
    view_on_site = False
    object_history_template = "admin/story.html"
    # What a service raises where something else is under way; the message says what to do.
    told_as_busy: tuple[type[Exception], ...] = (CompanyIsBusy,)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Only filters that the page offers: others could ask for what it does not show."""
        filters = self.get_list_filter(request)
        if lookup in {getattr(offered, "parameter_name", None) for offered in filters}:
            return True
        fields = {offered for offered in filters if isinstance(offered, str)}
        return lookup.split("__")[0] in fields and super().lookup_allowed(lookup, value, request)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        plural = str(self.opts.verbose_name_plural)
        title = {"title": plural[:1].upper() + plural[1:]}  # not "Select … to view"
        return super().changelist_view(request, title | (extra_context or {}))

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if request.method != "POST":
            return super().changeform_view(request, object_id, form_url, extra_context)
        try:
            with acting(request.user, "Changed in the administration"):  # type: ignore[arg-type]
                return super().changeform_view(request, object_id, form_url, extra_context)
        except self.told_as_busy as busy:
            messages.error(request, str(busy))
            return HttpResponseRedirect(request.get_full_path())

    def _get_obj_does_not_exist_redirect(
        self, request: HttpRequest, opts: Any, object_id: str
    ) -> HttpResponse:
        # Django sends to the start page with a message; what one may not see is simply not there.
        raise Http404

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The record's own history, which knows every way it was changed, not only this admin."""
        record = self.get_object(request, object_id)
        history = getattr(type(record), "history", None)
        if record is None or history is None or not self.has_view_permission(request, record):
            raise Http404
        story = StoryQuery({f"the {self.opts.verbose_name}": history.filter(id=record.pk)})
        context = {
            **self.admin_site.each_context(request),
            "title": f"History of {record}",
            "chapters": story.latest(SHOWN_CHAPTERS),
            "object": record,
            "opts": self.opts,
        }
        return TemplateResponse(request, self.object_history_template, context)


class ReadOnlyAdmin(RecordAdmin):
    """Records that are written elsewhere, under rules of their own."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False
