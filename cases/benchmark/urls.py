"""The site's addresses and the floor: the list page from data that lie ready."""

import inspect
from functools import cache
from typing import Any
from unittest import mock

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import get_template
from django.test import RequestFactory
from django.urls import include, path

from cases.records import Record
from cases.views import cases

TEMPLATE = "cases/list.html"


@cache
def _ready() -> tuple[dict[str, Any], list[Record]]:
    """Return what the list view gives to its template for the list without any choice.

    And the records of its rows.
    """
    view = inspect.unwrap(cases.case_list)  # Around it, pages are remembered.
    with mock.patch.object(cases, "render", return_value=HttpResponse()) as rendering:
        view(RequestFactory().get("/cases/"))
    context: dict[str, Any] = rendering.call_args.args[2]
    return context, context["query"].rows()


def floor(request: HttpRequest) -> HttpResponse:
    """Render the list page, each of its rows too, from data that lie ready: no query."""
    context, records = _ready()
    row = get_template("cases/_row.html")
    rows = [{"html": row.render({"case": record, "level": 2})} for record in records]
    return render(request, TEMPLATE, context | {"rows": rows})


urlpatterns = [
    path("benchmark/floor/", floor),
    path("", include("governance.urls")),
]
