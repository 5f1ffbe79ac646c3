"""Addresses of consolidate, runs, allocations, and their parts on pages of entitlements."""

from django.urls import path, register_converter

from allocation.views import by_hand, consolidating, cover, history, product_use, use_lists, uses


class NumbersConverter:
    """One or more numbers with commas between: previews or runs that were asked for together."""

    regex = r"[0-9]{1,18}(?:,[0-9]{1,18})*"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(NumbersConverter, "numbers")

urlpatterns = [
    path("consolidate/", consolidating.consolidate, name="consolidate"),
    path("consolidate/previews/<numbers:numbers>", consolidating.preview, name="preview"),
    path(
        "consolidate/previews/<numbers:numbers>/progress",
        consolidating.preview_progress,
        name="preview-progress",
    ),
    path(
        "consolidate/previews/<numbers:numbers>/stop",
        consolidating.stop_preview,
        name="stop-preview",
    ),
    path(
        "consolidate/previews/<numbers:numbers>/run", consolidating.run_preview, name="run-preview"
    ),
    path("runs/", consolidating.run_list, name="runs"),
    path("runs/<int:pk>", consolidating.run_page, name="run"),
    path("runs/<int:pk>/ended", consolidating.run_page, {"part": "ended"}, name="run-ended"),
    path("runs/<int:pk>/matched", consolidating.run_page, {"part": "matched"}, name="run-matched"),
    path(
        "runs/<int:pk>/returned", consolidating.run_page, {"part": "returned"}, name="run-returned"
    ),
    path("runs/<int:pk>/stop", consolidating.stop_run, name="stop-run"),
    path("runs/<int:pk>/compare", consolidating.choose_comparison, name="choose-comparison"),
    path("runs/<int:pk>/compare/<int:other>", consolidating.compare_runs, name="compare-runs"),
    path("runs/watch/<numbers:numbers>", consolidating.watch_runs, name="watch-runs"),
    path("runs/progress/<numbers:numbers>", consolidating.run_progress, name="run-progress"),
    path("allocations/", history.allocation_list, name="allocations"),
    path("allocations/<int:pk>", history.allocation_page, name="allocation"),
    path("allocations/<int:pk>/end", by_hand.end, name="end-allocation"),
    path("allocations/<int:pk>/change", uses.change, name="change-use"),
    path("kept-apart/", history.kept_apart_list, name="kept-apart"),
    path("kept-apart/<int:pk>", history.kept_apart_page, name="kept-apart-pair"),
    path("kept-apart/<int:pk>/lift", by_hand.lift, name="lift-kept-apart"),
    path("entitlements/<int:pk>/coverage", cover.coverage_page, name="coverage"),
    path("entitlements/<int:pk>/why-not", cover.why_not_page, name="why-not"),
    path("entitlements/<int:pk>/allocate", by_hand.allocate, name="allocate"),
    path("entitlements/<int:pk>/clear-match", by_hand.clear, name="clear-match"),
    path("entitlements/<int:pk>/allocations", use_lists.license_uses, name="license-uses"),
    path("entitlements/<int:pk>/track", uses.add_use, {"way": "track"}, name="track-deployment"),
    path("entitlements/<int:pk>/reserve", uses.add_use, {"way": "reserve"}, name="reserve"),
    path(
        "entitlements/<int:pk>/allocate-to-person",
        uses.add_use,
        {"way": "person"},
        name="allocate-to-person",
    ),
    path(
        "entitlements/<int:pk>/allocate-to-device",
        uses.add_use,
        {"way": "device"},
        name="allocate-to-device",
    ),
    path(
        "entitlements/<int:pk>/choose/<str:source>",
        uses.choose_for_license,
        name="choose-for-license",
    ),
    path("license-use/", product_use.license_use, name="license-use"),
    path("license-use/<int:pk>", product_use.product_use, name="product-use"),
]
