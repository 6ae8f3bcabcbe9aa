"""The page of the collection as a data set, and its descriptions for machines."""

import json
import re
from datetime import datetime, timezone
from typing import Any

import pytest
from django.test import Client

from cases import publishing
from cases.views.dataset import embedded

from . import make

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def address(settings: Any) -> None:
    settings.SITE_URL = "https://cases.example.org"


def described(client: Client) -> tuple[str, Any, Any]:
    text = client.get("/about/data/").content.decode()
    schema_org = client.get("/about/data/dataset.jsonld")
    dcat = client.get("/about/data/dcat.jsonld")
    for answer in (schema_org, dcat):
        assert answer["Content-Type"].startswith("application/ld+json")
    return text, json.loads(schema_org.content), json.loads(dcat.content)


def test_the_page_counts_what_is_public_as_of_the_last_publication(client: Client) -> None:
    at = datetime(2026, 3, 4, 5, tzinfo=timezone.utc)
    case = make.make_published(at=datetime(2026, 1, 2, tzinfo=timezone.utc), start="2014")
    make.make_published(at=datetime(2026, 1, 2, tzinfo=timezone.utc), start="2016-05")
    publishing.publish(publishing.start_revision(case), at=at)
    make.make_withdrawn(start="1999")
    make.make_complete_draft()
    text, schema_org, dcat = described(client)
    assert "2 个案例、3 个版本" in text
    assert "2026-03-04" in text
    assert schema_org["dateModified"] == "2026-03-04T13:00:00+08:00"
    assert schema_org["temporalCoverage"] == "2014/2016"
    assert dcat["dct:modified"]["@value"] == schema_org["dateModified"]
    assert 50 <= len(schema_org["description"]) <= 5000


def test_an_empty_collection_has_no_dates(client: Client) -> None:
    text, schema_org, dcat = described(client)
    assert "0 个案例" in text
    assert "dateModified" not in schema_org
    assert "dct:modified" not in dcat


def test_the_block_in_the_page_is_the_description_at_its_own_address(client: Client) -> None:
    make.make_published()
    text, schema_org, _ = described(client)
    block = re.search(r'<script type="application/ld\+json">(.*?)</script>', text)
    assert block is not None
    assert json.loads(block[1]) == schema_org
    assert "</script><b>" not in embedded({"name": "</script><b>"})


def test_everything_that_is_offered_is_there(client: Client) -> None:
    make.make_published()
    text, schema_org, dcat = described(client)
    addresses = [item["contentUrl"] for item in schema_org["distribution"]]
    assert addresses == [item["dcat:accessURL"]["@id"] for item in dcat["dcat:distribution"]]
    for address in addresses:
        path = address.removeprefix("https://cases.example.org")
        assert client.get(path).status_code == 200, path
    assert "GB/T 7714—2025" in text
    assert 'href="/about/data/"' in client.get("/about/").content.decode()


def test_it_takes_few_queries(client: Client, django_assert_max_num_queries: Any) -> None:
    make.make_published()
    with django_assert_max_num_queries(12):
        client.get("/about/data/")
