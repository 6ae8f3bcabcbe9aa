"""The OpenAPI document is true, and the documentation is made from it."""

import re
from typing import Any

import jsonschema
import pytest
from django.http import QueryDict
from django.test import Client
from django.urls import resolve

from cases import facets, openapi, publishing
from cases.codebook import RECORD_SCHEMA
from cases.parameters import CaseFilter

from . import make
from .test_visibility import route_names

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_limit(settings: Any) -> None:
    settings.API_REQUESTS_PER_MINUTE = 0


@pytest.fixture
def document(client: Client) -> dict[str, Any]:
    return client.get("/api/v1/openapi.json").json()


def operations(document: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [(path, methods["get"]) for path, methods in document["paths"].items()]


def follow(document: dict[str, Any], part: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in part:
        target: Any = document
        for step in part["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        part = target
    return part


def every(part: Any, key: str) -> list[Any]:
    """Return every value of `key` anywhere in the document."""
    found = []
    if isinstance(part, dict):
        found += [part[key]] if key in part else []
        part = list(part.values())
    if isinstance(part, list):
        for item in part:
            found += every(item, key)
    return found


def check(document: dict[str, Any], schema: dict[str, Any], data: Any) -> None:
    whole = {**schema, "components": document["components"]}
    jsonschema.Draft202012Validator(whole, format_checker=jsonschema.FormatChecker()).validate(data)


def route(path: str) -> str | None:
    """Return the name of the route that answers a path of the document."""
    return resolve(path.replace("{id}", "1").replace("{slug}", "x")).url_name


# --- It is a document of OpenAPI 3.1 ---


def test_it_says_what_it_is_and_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    assert document["openapi"] == "3.1.0"
    assert {"title", "version"} <= document["info"].keys()
    references = every(document, "$ref")
    assert len(references) > 100
    for reference in references:
        assert follow(document, {"$ref": reference})
    assert set(document) <= {"openapi", "info", "servers", "paths", "components"}


def test_every_operation_is_whole(document: dict[str, Any]) -> None:
    ids = [operation["operationId"] for _, operation in operations(document)]
    assert len(ids) == len(set(ids)) == len(document["paths"])
    for path, operation in operations(document):
        parameters = [follow(document, p) for p in operation["parameters"]]
        named = {(p["name"], p["in"]) for p in parameters}
        assert len(named) == len(parameters), path
        assert set(re.findall(r"{(\w+)}", path)) == {n for n, where in named if where == "path"}
        for parameter in parameters:
            assert parameter["description"], (path, parameter)
            assert parameter["in"] != "path" or parameter["required"] is True
        assert "200" in operation["responses"]
        for status, response in operation["responses"].items():
            assert re.fullmatch("[1-5][0-9]{2}", status)
            assert follow(document, response)["description"], (path, status)


def test_every_schema_is_one(document: dict[str, Any]) -> None:
    schemas = [*every(document["paths"], "schema"), *document["components"]["schemas"].values()]
    schemas += every(document["components"], "schema")
    assert len(schemas) > 60
    for schema in schemas:
        jsonschema.Draft202012Validator.check_schema(schema)


# --- It is true ---


def test_every_parameter_of_the_filter_is_described_once_as_the_form_checks_it(
    document: dict[str, Any],
) -> None:
    fields = CaseFilter(QueryDict(), facets.current()).form.fields
    listed = document["paths"]["/api/v1/cases/"]["get"]["parameters"]
    names = [follow(document, p)["name"] for p in listed]
    assert sorted(names) == sorted([*fields, "page_size", "If-None-Match"])
    for name, field in fields.items():
        parameter = document["components"]["parameters"][name]
        schema = parameter["schema"]
        assert str(field.label) in parameter["description"]
        if schema["type"] == "integer":
            assert (schema["minimum"], schema["maximum"]) == (field.min_value, field.max_value)
    assert document["components"]["parameters"]["page_size"]["schema"]["maximum"] == 100
    assert document["components"]["parameters"]["q"]["schema"]["maxLength"] == 200
    assert set(openapi.parameters_module.MEANINGS) <= set(names)


def test_short_lists_are_spelled_out_and_long_ones_are_not(
    document: dict[str, Any], client: Client, real_cases: None
) -> None:
    document = client.get("/api/v1/openapi.json").json()
    parameters = document["components"]["parameters"]
    assert "xuhui" in parameters["district"]["schema"]["items"]["enum"]
    assert "zhabei" in parameters["district"]["schema"]["items"]["enum"]
    assert parameters["status"]["x-labels"]["running"] == "运行中"
    assert parameters["grade"]["schema"]["enum"] == list("ABCDE")
    catalog = facets.current().catalog.labels
    for name in ("topic", "subdistrict", "actor", "mechanism", "policy"):
        item = parameters[name]["schema"]["items"]
        assert "enum" not in item
        assert all(re.search(item["pattern"], value) for value in catalog[name])


def test_every_allowed_value_is_accepted_and_one_beyond_is_not(
    client: Client, real_cases: None
) -> None:
    document = client.get("/api/v1/openapi.json").json()
    for name, parameter in document["components"]["parameters"].items():
        if parameter["in"] != "query":
            continue
        schema = parameter["schema"].get("items", parameter["schema"])
        good = schema.get("enum", [])[:4]
        bad = ["\0"]
        if schema["type"] == "integer":
            good, bad = [schema["maximum"]], [schema["minimum"] - 1, schema["maximum"] + 1, "x"]
        elif "maxLength" in schema:
            good, bad = ["字" * schema["maxLength"]], ["字" * (schema["maxLength"] + 1), "\0"]
        elif name == "topic":
            good = ["parking"]
        for value in good:
            answer = client.get("/api/v1/cases/", {name: value})
            assert answer.status_code in (200, 404 if name == "page" else 200), (name, value)
        for value in bad:
            answer = client.get("/api/v1/cases/", {name: value})
            assert answer.status_code == 400, (name, value)


def test_every_address_of_the_api_is_described_and_every_described_one_answers(
    document: dict[str, Any],
) -> None:
    described = {route(path) for path in document["paths"]}
    machine = {n for n in route_names() if n.startswith("api-")} - {"api-docs", "api-missing"}
    assert machine <= described
    assert {"list-json", "case-json", "list-csv", "list-xlsx", "list-atom"} <= described


def test_what_is_returned_is_what_is_described(client: Client, real_cases: None) -> None:
    document = client.get("/api/v1/openapi.json").json()
    examples = [
        *(operation["x-example"] for _, operation in operations(document)),
        "/api/v1/cases/?q=%E5%81%9C%E8%BD%A6&page_size=100",
        "/api/v1/cases/?topic=parking&theme_all=1",
        "/cases.json?page=1&status=unknown",
        "/api/v1/cases/?page=abc",
        "/api/v1/cases/?page=1000",
        "/cases.atom?page=1000",
        "/cases.csv?grade=Z",
        "/api/v1/cases/999999/",
        "/api/v1/districts/nowhere/",
    ]
    examples += [f"/api/v1/districts/{s}/" for s in ("zhabei", "pudong")]
    examples += [f"/api/v1/policies/{pk}/" for pk in facets.current().catalog.policies]
    checked = 0
    for address in examples:
        checked += conforms(client, document, address)
    assert checked > 30


def test_a_withdrawn_case_a_merged_one_and_a_refused_client_are_described(
    client: Client, settings: Any, document: dict[str, Any]
) -> None:
    gone, kept, double = make.make_withdrawn(), make.make_published(), make.make_published()
    publishing.merge(double, kept, None)
    assert conforms(client, document, f"/api/v1/cases/{double.pk}/", 301)
    assert client.get(f"/cases/{double.pk}.json")["Location"] == f"/cases/{kept.pk}.json"
    assert conforms(client, document, f"/api/v1/cases/{gone.pk}/", 410)
    assert conforms(client, document, f"/cases/{gone.pk}.json", 410)
    settings.API_REQUESTS_PER_MINUTE = 1
    client.get("/api/v1/")
    assert conforms(client, document, "/api/v1/cases/", 429)


def conforms(
    client: Client, document: dict[str, Any], address: str, status: int | None = None
) -> bool:
    """Hold an answer against the document: status, type, headers and body."""
    response = client.get(address)
    name = resolve(address.partition("?")[0]).url_name
    (operation,) = [operation for path, operation in operations(document) if route(path) == name]
    assert str(response.status_code) in operation["responses"], address
    assert status is None or response.status_code == status
    described = follow(document, operation["responses"][str(response.status_code)])
    for header, declared in described["headers"].items():
        declared = follow(document, declared)
        if declared["required"]:
            value = response[header]
            schema = declared["schema"]
            check(document, schema, int(value) if schema["type"] == "integer" else value)
    if "content" not in described:
        assert response.content == b""
        return True
    media = response["Content-Type"].partition(";")[0]
    assert list(described["content"]) == [media], address
    if media == "application/json":
        check(document, described["content"][media]["schema"], response.json())
    else:
        assert b"".join(response)
    return True


def test_the_case_in_the_document_is_the_record_of_the_codebook(document: dict[str, Any]) -> None:
    described = document["components"]["schemas"]["Case"]
    assert described["properties"] == RECORD_SCHEMA["properties"]
    assert described["additionalProperties"] is False


# --- The page made from it ---


def test_the_documentation_shows_every_address_and_parameter_without_any_other_host(
    client: Client, real_cases: None
) -> None:
    document = client.get("/api/v1/openapi.json").json()
    text = client.get("/api/docs/").content.decode()
    for path, operation in operations(document):
        assert f"<code>{path}</code>" in text
        assert operation["summary"] in text
    for name, parameter in document["components"]["parameters"].items():
        if parameter["in"] == "query":
            assert f'id="p-{name}"' in text
            assert parameter["description"].partition("。")[0] in text
    for value in ("<code>xuhui</code> 徐汇区", "<code>running</code> 运行中", "1 到 100 的整数"):
        assert value in text
    for status in ("301", "304", "400", "404", "405", "410", "429"):
        assert f">{status}</th>" in text
    assert "<script" not in text.partition("<main")[2]
    loaded = re.findall(r'(?:src|<link[^>]*href)="([^"]+)"', text)
    assert all(address.startswith(("/", "http://127.0.0.1:8000/")) for address in loaded)


def test_the_examples_of_the_documentation_work(client: Client, real_cases: None) -> None:
    text = client.get("/api/docs/").content.decode()
    main = text.partition("<main")[2].partition("</main>")[0]
    links = re.findall(r'href="(/[^"#]+)"', main)
    assert len(links) >= 20
    for link in links:
        response = client.get(link.replace("&amp;", "&"))
        assert response.status_code == 200, link
        assert b"".join(response), link


def test_the_documentation_works_before_there_is_a_case(client: Client) -> None:
    assert client.get("/api/docs/").status_code == 200
    document = client.get("/api/v1/openapi.json").json()
    assert conforms(client, document, "/api/v1/cases/", 200)
    assert conforms(client, document, "/cases.csv", 200)
