"""
The pages of imports and exports in the admin.

They only ask and show: the worker reads, compares, writes and undoes. Only the administrators of a
company know of its files and imports.
"""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_POST, require_safe

from accounts.administration import AdministeredCompanies, ReadOnlyCompanyAdmin, administered
from accounts.models import Company, User
from common import uploads
from common.downloads import as_download
from common.kept_files import PIECE
from common.models import JobProgress
from entitlements.import_forms import (
    ChoicesForm,
    MappingForm,
    UploadForm,
    initial_of,
    mapping_forms,
)
from entitlements.models import Import, ImportState, Outcome, WorkbookExport
from entitlements.workbook import services
from entitlements.workbook.choices import Choices
from entitlements.workbook.columns import OWN_SHEETS, SheetKind
from entitlements.workbook.headers import SheetMapping
from entitlements.workbook.presets import PRESETS
from entitlements.workbook.shown import Preview, columns_to_map, figures, kinds
from entitlements.workbook.starter import starter_set
from entitlements.workbook.template import template_for

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
UNDER_WAY = frozenset(services.JOBS)


def companies_of(request: HttpRequest) -> QuerySet[Company]:
    return Company.objects.filter(pk__in=administered(request))


def person(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def _attachment(name: str) -> str:
    return content_disposition_header(as_attachment=True, filename=name) or "attachment"


@admin.register(Import)
class ImportAdmin(ReadOnlyCompanyAdmin):
    """The imports of the companies that the person administers."""

    list_display = ("name", "company", "state_in_words", "found", "started_by", "started_at")
    list_filter = (AdministeredCompanies, "state")
    list_select_related = ("file", "company", "started_by")
    search_fields = ("file__name",)
    change_list_template = "admin/entitlements/import_list.html"

    @admin.display(description="file", ordering="file__name")
    def name(self, source: Import) -> str:
        return source.file.name

    @admin.display(description="state", ordering="state")
    def state_in_words(self, source: Import) -> str:
        return source.get_state_display()

    @admin.display(description="rows")
    def found(self, source: Import) -> str:
        told = [f"{f.number:,} {f.label.lower()}" for f in figures(source) if f.number]
        return ", ".join(told)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.admin_site.has_permission(request)

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        own: list[tuple[str, Callable[..., Any]]] = [
            ("answer", require_POST(self.answer)),
            ("choose", require_POST(self.choose)),
            ("confirm", require_POST(self.confirm)),
            ("undo", require_POST(self.undo)),
            ("stop", require_POST(self.stop)),
            ("again", require_POST(self.again)),
            ("refused", require_POST(self.refused)),
            ("file", require_safe(self.file)),
        ]
        return [
            path(
                "template/", wrap(require_safe(self.template)), name="entitlements_import_template"
            ),
            path(
                "starter-set/",
                wrap(require_safe(self.starter_set)),
                name="entitlements_import_starter_set",
            ),
            *(
                path(f"<int:pk>/{name}/", wrap(view), name=f"entitlements_import_{name}")
                for name, view in own
            ),
            *super().get_urls(),
        ]

    def _import(self, request: HttpRequest, pk: int | str) -> Import:
        """The import, or 404 where it is none of the person's companies."""
        imports = self.get_queryset(request).select_related("file", "company", "progress")
        found = imports.filter(pk=pk).first() if str(pk).isdecimal() else None
        if found is None:
            raise Http404
        return found

    def _back(self, source: Import) -> HttpResponse:
        return redirect("admin:entitlements_import_change", source.pk)

    # --- Upload ---

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        companies = companies_of(request)
        earlier = self._earlier(request)
        mends = earlier if earlier and services.count_of(earlier, Outcome.REFUSED) else None
        if request.method == "POST":
            form = UploadForm(request.POST, request.FILES, companies=companies, mends=mends)
            if form.is_valid():
                file = form.cleaned_data["file"]
                source = services.start_import(
                    company=form.cleaned_data["company"],
                    name=file.name,
                    content=file.chunks(PIECE),
                    choices=form.chosen,
                    by=person(request),
                    continues=form.continues,
                )
                return self._back(source)
        else:
            form = UploadForm(companies=companies, mends=mends, initial=_begin_with(earlier))
        return self._page(
            request,
            "admin/entitlements/import_upload.html",
            title="Import a workbook",
            form=form,
            companies=companies,
            mends=mends,
            notes=[preset for preset in PRESETS if preset.note],
        )

    def _earlier(self, request: HttpRequest) -> Import | None:
        """The import of which a file is uploaded once more, or the refused rows of it."""
        like = request.GET.get("like", "")
        return self._import(request, like) if like.isdecimal() else None

    def template(self, request: HttpRequest) -> HttpResponse:
        company = companies_of(request).filter(pk=_number(request.GET.get("company"))).first()
        if company is None:
            raise Http404
        response = HttpResponse(template_for(company), content_type=XLSX)
        response.headers["Content-Disposition"] = _attachment(f"{company.code} template.xlsx")
        return response

    def starter_set(self, request: HttpRequest) -> HttpResponse:
        response = HttpResponse(starter_set(), content_type=XLSX)
        response.headers["Content-Disposition"] = _attachment("starter set of part numbers.xlsx")
        return response

    def file(self, request: HttpRequest, pk: int) -> StreamingHttpResponse:
        return as_download(self._import(request, pk).file)

    # --- One import ---

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if request.method != "GET":
            raise Http404
        source = self._import(request, object_id)
        if source.state in UNDER_WAY:
            return self._under_way(request, source)
        if source.state == ImportState.ASKING:
            return self._questions(request, source, mapping_forms(_mappings(source)))
        if source.state == ImportState.REFUSED:
            return self._import_page(
                request,
                source,
                "refused",
                choices_form=self._choices_form(request, source),
            )
        return self._outcomes(request, source)

    def _under_way(self, request: HttpRequest, source: Import) -> HttpResponse:
        return self._import_page(
            request,
            source,
            "under_way",
            progress=source.progress,
            is_interrupted=uploads.is_interrupted(source),
        )

    def _questions(
        self, request: HttpRequest, source: Import, forms: list[MappingForm]
    ) -> HttpResponse:
        samples = source.figures.get("samples", [])
        sheets = [
            {
                "form": form,
                "columns": list(
                    zip(
                        columns_to_map(
                            form.mapping, samples[place] if place < len(samples) else []
                        ),
                        form.column_fields,
                        strict=True,
                    )
                ),
            }
            for place, form in enumerate(forms)
        ]
        return self._import_page(
            request,
            source,
            "questions",
            sheets=sheets,
            asks_for_kinds=any(form.mapping.kind is None for form in forms),
            choices_form=self._choices_form(request, source),
        )

    def _outcomes(self, request: HttpRequest, source: Import) -> HttpResponse:
        found = figures(source)
        chosen = request.GET.get("outcome", "")
        if chosen not in [figure.outcome for figure in found]:
            chosen = next((figure.outcome for figure in found if figure.number), Outcome.NEW)
        preview = Preview(
            source,
            outcome=Outcome(chosen),
            record=request.GET.get("kind", ""),
            search=request.GET.get("q", "").strip()[:200].replace("\x00", ""),
            page=request.GET.get("page", ""),
        )
        refused = services.count_of(source, Outcome.REFUSED)
        to_write = services.count_of(source, Outcome.NEW) + services.count_of(
            source, Outcome.CHANGED
        )
        return self._import_page(
            request,
            source,
            "outcomes",
            preview=preview,
            figures=found,
            kinds=kinds(source),
            made=source.figures.get("made", {}),
            mappings=_mappings(source),
            refused=refused,
            to_write=to_write,
            choices_form=self._choices_form(request, source),
        )

    def _choices_form(self, request: HttpRequest, source: Import) -> ChoicesForm:
        choices = Choices.from_json(source.choices)
        companies = companies_of(request).filter(pk=source.company_id)
        return ChoicesForm(companies=companies, initial=initial_of(choices, source.company))

    # --- What a person can do ---

    def answer(self, request: HttpRequest, pk: int) -> HttpResponse:
        source = self._import(request, pk)
        forms = mapping_forms(_mappings(source), request.POST)
        if any(form.was_turned for form in forms):
            turned = [form.turned() if form.was_turned else form.mapping for form in forms]
            return self._questions(request, source, mapping_forms(turned))
        chosen = self._posted_choices(request, source)
        if chosen is None or not all(form.is_valid() for form in forms):
            messages.error(request, "Some of the answers cannot be used. Choose from the lists.")
            return self._back(source)
        answered = [form.answered for form in forms]
        return self._do(
            request,
            source,
            lambda: services.answer(source, mappings=answered, choices=chosen, by=person(request)),
        )

    def choose(self, request: HttpRequest, pk: int) -> HttpResponse:
        source = self._import(request, pk)
        chosen = self._posted_choices(request, source)
        if chosen is None:
            messages.error(request, "The currency is not one, or the day is no date.")
            return self._back(source)
        return self._do(
            request, source, lambda: services.choose(source, choices=chosen, by=person(request))
        )

    def _posted_choices(self, request: HttpRequest, source: Import) -> Choices | None:
        companies = companies_of(request).filter(pk=source.company_id)
        form = ChoicesForm(request.POST, companies=companies)
        return form.chosen if form.is_valid() else None

    def confirm(self, request: HttpRequest, pk: int) -> HttpResponse:
        source = self._import(request, pk)
        leaves_out = request.POST.get("leave_refused_out") == "yes"
        try:
            return self._do(
                request,
                source,
                lambda: services.confirm(source, leave_refused_out=leaves_out, by=person(request)),
            )
        except services.RowsAreRefused:
            messages.error(
                request,
                "Rows are refused: mend the file and upload it again, or choose to leave them out.",
            )
            return self._back(source)

    def undo(self, request: HttpRequest, pk: int) -> HttpResponse:
        source = self._import(request, pk)
        return self._do(request, source, lambda: services.undo(source, by=person(request)))

    def stop(self, request: HttpRequest, pk: int) -> HttpResponse:
        source = self._import(request, pk)
        return self._do(request, source, lambda: uploads.stop(source))

    def again(self, request: HttpRequest, pk: int) -> HttpResponse:
        source = self._import(request, pk)
        return self._do(request, source, lambda: services.try_again(source, by=person(request)))

    def _do(
        self, request: HttpRequest, source: Import, service: Callable[[], None]
    ) -> HttpResponse:
        try:
            service()
        except uploads.NotNow as refusal:
            messages.warning(request, str(refusal))
        return self._back(source)

    def refused(self, request: HttpRequest, pk: int) -> HttpResponse:
        export = services.write_refused_rows(self._import(request, pk), by=person(request))
        return redirect("admin:entitlements_workbookexport_change", export.pk)

    # --- Pages ---

    def _import_page(
        self, request: HttpRequest, source: Import, part: str, **context: Any
    ) -> HttpResponse:
        return self._page(
            request,
            f"admin/entitlements/import_{part}.html",
            title=source.file.name,
            subtitle=None,
            source=source,
            **context,
        )

    def _page(self, request: HttpRequest, template: str, **context: Any) -> HttpResponse:
        shown = {**self.admin_site.each_context(request), "opts": self.opts, **context}
        return TemplateResponse(request, template, shown)


def _begin_with(earlier: Import | None) -> dict[str, Any]:
    """A file that comes back is read as it was before."""
    if earlier is None:
        return initial_of(Choices())
    choices = Choices.from_json(earlier.choices)
    return initial_of(choices, earlier.company) | {"company": earlier.company_id}


def _mappings(source: Import) -> list[SheetMapping]:
    return [SheetMapping.from_json(stored) for stored in source.mappings]


def _number(text: str | None) -> int:
    """A key from an address; no record has the key 0."""
    return int(text) if text and text.isdecimal() and len(text) < 18 else 0


@admin.register(WorkbookExport)
class WorkbookExportAdmin(ReadOnlyCompanyAdmin):
    """Files written by the worker: a company's records, and refused rows to be mended."""

    list_display = ("what", "company", "asked_by", "asked_at", "download")
    list_select_related = ("company", "asked_by", "file", "refused_of__file")
    change_list_template = "admin/entitlements/export_list.html"

    @admin.display(description="what")
    def what(self, export: WorkbookExport) -> str:
        if export.refused_of:
            return f"Refused rows of {export.refused_of.file.name}"
        return SheetKind(export.sheet).label if export.sheet else "The whole workbook"

    @admin.display(description="file")
    def download(self, export: WorkbookExport) -> str:
        if export.file is None:
            return ""
        address = reverse("admin:entitlements_workbookexport_download", args=[export.pk])
        return format_html('<a href="{}">{}</a>', address, export.file.name)

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path(
                "<int:pk>/download/",
                wrap(require_safe(self.file)),
                name="entitlements_workbookexport_download",
            ),
            path(
                "write/", wrap(require_POST(self.write)), name="entitlements_workbookexport_write"
            ),
            *super().get_urls(),
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        offered = {"companies": companies_of(request), "sheets": OWN_SHEETS}
        return super().changelist_view(request, {**offered, **(extra_context or {})})

    def write(self, request: HttpRequest) -> HttpResponse:
        company = companies_of(request).filter(pk=_number(request.POST.get("company"))).first()
        sheet = request.POST.get("sheet", "")
        if company is None or sheet not in ("", *OWN_SHEETS):
            raise Http404
        export = services.write_company(
            company=company, sheet=SheetKind(sheet) if sheet else None, by=person(request)
        )
        return redirect("admin:entitlements_workbookexport_change", export.pk)

    def _export(self, request: HttpRequest, pk: int | str) -> WorkbookExport:
        exports = self.get_queryset(request).select_related("file", "company", "progress")
        found = exports.filter(pk=pk).first() if str(pk).isdecimal() else None
        if found is None:
            raise Http404
        return found

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if request.method != "GET":
            raise Http404
        export = self._export(request, object_id)
        progress: JobProgress = export.progress
        return TemplateResponse(
            request,
            "admin/entitlements/export.html",
            {
                **self.admin_site.each_context(request),
                "opts": self.opts,
                "title": self.what(export),
                "export": export,
                "progress": progress,
                "is_under_way": export.file is None and not progress.is_over,
            },
        )

    def file(self, request: HttpRequest, pk: int) -> StreamingHttpResponse:
        export = self._export(request, pk)
        if export.file is None:
            raise Http404
        return as_download(export.file)
