"""The site's addresses and the floor: the list page from data that lie ready."""

import inspect
from functools import cache
from typing import Any
from unittest import mock

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.test import RequestFactory
from django.urls import include, path

from cases.views import cases

TEMPLATE = "cases/list.html"


@cache
def _ready() -> dict[str, Any]:
    """Return what the list view gives to its template for the list without any choice."""
    view = inspect.unwrap(cases.case_list)  # Around it, pages are remembered.
    with mock.patch.object(cases, "render", return_value=HttpResponse()) as rendering:
        view(RequestFactory().get("/cases/"))
    context: dict[str, Any] = rendering.call_args.args[2]
    return context


def floor(request: HttpRequest) -> HttpResponse:
    """Render the list page without a query: no list page made of this template can be faster."""
    return render(request, TEMPLATE, _ready())


urlpatterns = [
    path("benchmark/floor/", floor),
    path("", include("governance.urls")),
]
