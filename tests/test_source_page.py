"""`/sources/<key>/`: what a source is, how it is cited, and what rests on it."""

from datetime import date

import pytest
from django.test import Client

from cases import publishing
from cases.models import Source

from . import make

pytestmark = pytest.mark.django_db


def page(client: Client, key: str) -> str:
    response = client.get(f"/sources/{key}/")
    assert response.status_code == 200
    return response.content.decode()


def test_a_source_shows_what_is_known_of_it_and_what_is_not(client: Client) -> None:
    source = make.make_source(
        key="one", title="某报道", publisher="某站", reposted_from="新华社", url="http://e.org/a"
    )
    make.make_policy().statements.create(
        order=1, kind="measure", text="要求", grade="C", source=source
    )
    text = page(client, "one")
    assert "转载自新华社" in text
    assert "新华社. 某报道[EB/OL]. [" in text
    assert "以原发布者为准" in text
    assert "<dt>日期</dt><dd>未记录</dd>" in text
    assert "<dt>作者</dt><dd>未记录</dd>" in text
    for suffix in ("ris", "bib", "csl.json"):
        assert f'href="/sources/one.{suffix}"' in text


def test_it_lists_the_cases_and_the_documents_that_rest_on_it(client: Client) -> None:
    source = make.make_source(key="one")
    cases = []
    for year in ("2014", "2016", ""):
        case = make.make_complete_draft(title=f"{year or '不知何'}年的案例", start=year)
        make.make_evidence(case, 2, source=source)
        make.make_evidence(case, 3, source=source)  # Twice, and still one case.
        publishing.publish(case)
        cases.append(case)
    make.make_published(title="别的案例")
    stated, related = make.make_policy(title="有内容的"), make.make_policy(title="有关系的")
    stated.statements.create(order=1, kind="measure", text="要求", grade="C", source=source)
    make.make_relation(related, "落实", stated, basis="原文", grade="C", source=source)
    response = client.get("/sources/one/")
    assert [row["title"] for row in response.context["rows"]] == [
        "2016年的案例",
        "2014年的案例",
        "不知何年的案例",
    ]
    assert {policy.title for policy in response.context["documents"]} == {"有内容的", "有关系的"}
    assert "共 3 条" in response.content.decode()
    publishing.withdraw(cases[0], None, "重复收录")
    assert "共 2 条" in page(client, "one")


def test_a_source_of_many_cases_names_some_and_the_number_of_all(
    client: Client, django_assert_max_num_queries
) -> None:
    source = make.make_source(key="handbook")
    for _ in range(52):
        case = make.make_complete_draft()
        make.make_evidence(case, 2, source=source)
        publishing.publish(case)
    client.get("/")  # The worker knows what is published by now.
    with django_assert_max_num_queries(6):
        text = page(client, "handbook")
    assert "共 52 条" in text
    assert "这里列出 50 条" in text


def test_a_case_leads_to_its_sources_and_an_old_version_only_to_those_that_have_a_page(
    client: Client,
) -> None:
    case = make.make_published()
    old = case.evidence.get().source
    assert f'href="/sources/{old.key}/"' in client.get(f"/cases/{case.pk}/").content.decode()
    copy = publishing.start_revision(case)
    copy.evidence.update(source=make.make_source(key="new"))
    publishing.publish(copy)
    assert 'href="/sources/new/"' in client.get(f"/cases/{case.pk}/").content.decode()
    frozen = client.get(f"/cases/{case.pk}/v1/").content.decode()
    assert old.title in frozen
    assert f'href="/sources/{old.key}/"' not in frozen
    assert client.get(f"/sources/{old.key}/").status_code == 404


def test_the_page_changes_with_its_source(client: Client) -> None:
    case = make.make_published()
    source = case.evidence.get().source
    page(client, source.key)
    source.title = "改正后的题名"
    source.accessed = date(2020, 1, 2)
    source.save()
    text = page(client, source.key)
    assert "改正后的题名" in text
    assert "2020 年 1 月 2 日" in text


def test_every_source_of_the_real_cases_that_is_used_has_a_page(
    client: Client, real_cases: None
) -> None:
    named = {
        source["id"]
        for case in client.get("/cases.json").json()["results"]
        for source in case["sources"]
    }
    assert named
    assert named <= set(Source.objects.public().values_list("key", flat=True))
    for key in named:
        page(client, key)
