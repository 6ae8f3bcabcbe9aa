from django.urls import path

from . import sitemaps
from .views import cases, health, pages, places, policies, themes

app_name = "cases"

urlpatterns = [
    path("", pages.home, name="home"),
    path("about/", pages.about, name="about"),
    path("about/codebook/", pages.codebook, name="codebook"),
    path("about/codebook/record.schema.json", pages.record_schema, name="record-schema"),
    path("display/", pages.display, name="display"),
    # Cases
    path("cases/", cases.case_list, name="list"),
    path("cases.json", cases.case_list_json, name="list-json"),
    path("cases/<int:pk>/", cases.case, name="case"),
    path("cases/<int:pk>.json", cases.case_json, name="case-json"),
    path("cases/<int:pk>/v<int:number>/", cases.version, name="version"),
    # Places, themes, policies
    path("districts/", places.district_list, name="districts"),
    path("districts/<slug:slug>/", places.district, name="district"),
    path("themes/", themes.theme_list, name="themes"),
    path("themes/<slug:slug>/", themes.theme, name="theme"),
    path("policies/", policies.policy_list, name="policies"),
    path("policies/<int:pk>/", policies.policy, name="policy"),
    # Machines
    path("sitemap.xml", sitemaps.sitemap, name="sitemap"),
    path("robots.txt", sitemaps.robots, name="robots"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
]
