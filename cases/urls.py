from collections.abc import Callable
from typing import Any

from django.urls import URLPattern, path, re_path

from . import feeds, sitemaps
from .api import views as api
from .views import (
    accounts,
    attachments,
    briefs,
    cases,
    citations,
    collections,
    comparison,
    dataset,
    discovery,
    exports,
    health,
    my,
    pages,
    places,
    policies,
    qca,
    search,
    sources,
    statistics,
    themes,
    versions,
)

app_name = "cases"


def cited(stem: str, view: Callable[..., Any], name: str) -> list[URLPattern]:
    """Return the addresses at which reference managers take the citation of something."""
    return [
        path(f"{stem}.{suffix}", view, {"suffix": suffix}, name=f"{name}-{short}")
        for suffix, short in (("ris", "ris"), ("bib", "bib"), ("csl.json", "csl"))
    ]


urlpatterns = [
    path("", pages.home, name="home"),
    path("about/", pages.about, name="about"),
    *cited("collection", citations.of_collection, "collection"),
    path("about/codebook/", pages.codebook, name="codebook"),
    path("about/codebook/record.schema.json", pages.record_schema, name="record-schema"),
    path("about/data/", dataset.dataset, name="dataset"),
    path("about/data/dataset.jsonld", dataset.schema_org, name="dataset-schema-org"),
    path("about/data/dcat.jsonld", dataset.dcat, name="dataset-dcat"),
    path("display/", pages.display, name="display"),
    # Cases
    path("cases/", cases.case_list, name="list"),
    path("cases.json", api.case_list_json, name="list-json"),
    path("cases.csv", exports.case_csv, name="list-csv"),
    path("cases.xlsx", exports.case_xlsx, name="list-xlsx"),
    path("cases.atom", feeds.case_feed, name="list-atom"),
    path("cases.txt", citations.of_list_in_text, name="list-text"),
    *cited("cases", citations.of_list, "list"),
    path("cases.docx", briefs.of_list, name="list-docx"),
    path("brief/", briefs.page, name="brief"),
    path("cases/<int:pk>/", cases.case, name="case"),
    path("cases/<int:pk>.json", api.case_json, name="case-json"),
    *cited("cases/<int:pk>", citations.of_case, "case"),
    *cited("cases/<int:pk>/sources", citations.of_case_sources, "case-sources"),
    *cited("cases/<int:pk>/v<int:number>", citations.of_case, "version"),
    path("cases/<int:pk>.docx", briefs.of_case, name="case-docx"),
    path("cases/<int:pk>/v<int:number>.docx", briefs.of_case, name="version-docx"),
    path("cases/<int:pk>/versions/", versions.versions, name="versions"),
    path("cases/<int:pk>/v<int:number>/", versions.version, name="version"),
    path(
        "cases/<int:pk>/versions/<int:first>..<int:second>/",
        versions.difference,
        name="difference",
    ),
    path("media/<str:name>", attachments.attachment, name="attachment"),
    path("suggest/", search.suggestions, name="suggest"),
    # Cases side by side
    path("compare/", comparison.comparison, name="compare"),
    path("compare.csv", comparison.comparison_csv, name="compare-csv"),
    path("compare.xlsx", comparison.comparison_xlsx, name="compare-xlsx"),
    path("compare/qca/", qca.table, name="qca"),
    path("compare/qca.csv", qca.cases_csv, name="qca-csv"),
    path("compare/qca-codebook.csv", qca.codebook_csv, name="qca-codebook"),
    path("compare/qca-truth.csv", qca.truth_csv, name="qca-truth"),
    path("compare/qca.R", qca.r_script, name="qca-r"),
    # What readers keep and share
    path("collections/<slug:key>/", collections.collection, name="collection"),
    re_path(
        r"^collections/(?P<key>[0-9a-f]+)\.(?P<suffix>csv|xlsx|json|ris|bib|csl\.json|txt|docx|atom)$",
        collections.collection_file,
        name="collection-file",
    ),
    *cited("collections/<slug:key>/citation", citations.of_set, "set"),
    path("saved/<slug:key>/", collections.saved, name="saved"),
    *cited("saved/<slug:key>/citation", citations.of_saved, "saved"),
    path("login/", accounts.SignIn.as_view(), name="login"),
    path("logout/", accounts.SignOut.as_view(), name="logout"),
    path("my/", my.mine, name="my"),
    path("my/password/", accounts.ChangePassword.as_view(), name="my-password"),
    path("my/add/", my.add, name="my-add"),
    path("my/save/", my.save_query, name="my-save"),
    path("my/collections/", my.new_collection, name="my-new"),
    path("my/collections/<slug:key>/", my.collection, name="my-collection"),
    path("my/saved/<slug:key>/", my.saved, name="my-saved"),
    path("my/<slug:kind>/<slug:key>/delete/", my.delete, name="my-delete"),
    # Places, themes, policies, sources
    path("districts/", places.district_list, name="districts"),
    path("districts/<slug:slug>/", places.district, name="district"),
    path("themes/", themes.theme_list, name="themes"),
    path("themes/<slug:slug>/", themes.theme, name="theme"),
    path("policies/", policies.policy_list, name="policies"),
    path("policies/<int:pk>/", policies.policy, name="policy"),
    *cited("policies/<int:pk>", citations.of_policy, "policy"),
    path("sources/<slug:key>/", sources.source, name="source"),
    *cited("sources/<slug:key>", citations.of_source, "source"),
    # Counts
    path("matrix/", statistics.matrix, name="matrix"),
    path("matrix.csv", statistics.matrix_csv, name="matrix-csv"),
    path("statistics/", statistics.statistics, name="statistics"),
    path("statistics.csv", statistics.statistics_csv, name="statistics-csv"),
    # The read-only API
    path("api/docs/", api.documentation, name="api-docs"),
    path("api/v1/", api.root, name="api-root"),
    path("api/v1/openapi.json", api.description, name="openapi"),
    path("api/v1/cases/", api.cases, name="api-cases"),
    path("api/v1/cases/<int:pk>/", api.case, name="api-case"),
    path("api/v1/districts/", api.items, {"kind": "district"}, name="api-districts"),
    path("api/v1/districts/<slug:key>/", api.item, {"kind": "district"}, name="api-district"),
    path("api/v1/themes/", api.items, {"kind": "theme"}, name="api-themes"),
    path("api/v1/themes/<slug:key>/", api.item, {"kind": "theme"}, name="api-theme"),
    path("api/v1/topics/", api.items, {"kind": "topic"}, name="api-topics"),
    path("api/v1/topics/<slug:key>/", api.item, {"kind": "topic"}, name="api-topic"),
    path("api/v1/policies/", api.items, {"kind": "policy"}, name="api-policies"),
    path("api/v1/policies/<int:key>/", api.item, {"kind": "policy"}, name="api-policy"),
    # Programs are answered in JSON where there is nothing, too.
    re_path(r"^(?P<rest>api/[\s\S]*|cases/[^/]+\.json)$", api.missing, name="api-missing"),
    # Machines
    path("sitemap.xml", sitemaps.sitemap, name="sitemap"),
    path("sitemap-<slug:section>.xml", sitemaps.section, name="sitemap-section"),
    path("robots.txt", sitemaps.robots, name="robots"),
    path("opensearch.xml", discovery.opensearch, name="opensearch"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
]
