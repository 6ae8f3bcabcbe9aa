"""`/policies/<pk>/`: where a document comes from, what became of it, and what was done under it."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from cases import validity
from cases.models import PolicyDocument

from . import make

pytestmark = pytest.mark.django_db


def page(client: Client, policy: PolicyDocument, query: str = "") -> str:
    response = client.get(f"/policies/{policy.pk}/{query}")
    assert response.status_code == 200
    return response.content.decode()


# --- Lineage ---

BOTH_SIDES = {
    "依据": ("它依据的文件", "以它为依据的文件"),
    "落实": ("它落实的文件", "落实它的文件"),
    "配套": ("它所配套的文件", "与它配套的文件"),
    "修订": ("它修订的文件", "修订它的文件"),
    "替代": ("它替代的文件", "替代它的文件"),
    "废止": ("它废止的文件", "废止它的文件"),
}


@pytest.mark.parametrize("kind", BOTH_SIDES)
def test_a_relation_is_told_on_the_pages_of_both_documents(client: Client, kind: str) -> None:
    old, new = make.make_policy(title="旧办法"), make.make_policy(title="新办法")
    source = make.make_source(key="told", title="某报道")
    make.make_relation(new, kind, old, basis="原文", grade="C", source=source, note="见第三段")
    for policy, other, heading in (
        (new, old, BOTH_SIDES[kind][0]),
        (old, new, BOTH_SIDES[kind][1]),
    ):
        text = page(client, policy)
        part = text[text.index('id="lineage"') : text.index('id="on"')]
        assert re.findall("<h3>(.*?)</h3>", part) == [heading]
        assert f'href="/policies/{other.pk}/">{other.title}</a>' in part
        assert "见第三段" in part
        assert 'href="/sources/told/">某报道</a>' in part
        assert "单一报道" in part


def test_a_document_without_relations_has_no_such_part(client: Client) -> None:
    assert 'id="lineage"' not in page(client, make.make_policy())


def test_the_real_set_shows_its_lineage(client: Client, real_cases: None) -> None:
    overall = PolicyDocument.objects.get(key="1plus6-overall")
    lineage = client.get(f"/policies/{overall.pk}/").context["lineage"]
    assert [(str(group["title"]), len(group["rows"])) for group in lineage] == [
        ("它依据的文件", 1),
        ("与它配套的文件", 6),
    ]
    # No relation without a source that says so.
    for group in lineage:
        assert all(relation.source and relation.grade == "C" for _, relation in group["rows"])


def test_a_page_is_made_anew_when_a_relation_changes(client: Client) -> None:
    old, new = make.make_policy(), make.make_policy(title="新办法")
    assert "新办法" not in page(client, old)
    relation = make.make_relation(new, "替代", old)
    assert "新办法" in page(client, old)
    relation.delete()
    assert "新办法" not in page(client, old)


# --- What is over ---


@pytest.mark.parametrize(("state", "label"), [("repealed", "已废止"), ("replaced", "已被替代")])
def test_what_is_over_is_flagged_on_every_case_that_rests_on_it_and_on_no_other(
    client: Client, state: str, label: str
) -> None:
    policy, other = make.make_policy(), make.make_policy()
    resting = [make.make_published(policies=((policy, kind),)) for kind in ("依据", "背景")]
    apart = make.make_published(policies=((other, "依据"),))
    addresses = [f"/cases/{case.pk}/" for case in resting]
    addresses += [f"/cases/{case.pk}/v1/" for case in resting]
    for address in addresses:
        assert label not in client.get(address).content.decode()
    policy.validity = state
    policy.save()
    for address in [*addresses, f"/policies/{policy.pk}/", "/policies/"]:
        assert f">{label}</strong>" in client.get(address).content.decode(), address
    for address in (f"/cases/{apart.pk}/", f"/policies/{other.pk}/"):
        assert label not in client.get(address).content.decode(), address


# --- On a day ---

IN_FORCE: dict[str, Any] = {"issued": "2017-04-20", "effective": "2017-07-01"}


@pytest.mark.parametrize(
    ("given", "on", "label", "is_certain"),
    [
        ({**IN_FORCE, "validity": "in-force"}, "2017-04-19", "尚未成文", True),
        ({**IN_FORCE, "validity": "in-force"}, "2017-04-20", "已成文，尚未施行", True),
        ({**IN_FORCE, "validity": "in-force"}, "2017-06-30", "已成文，尚未施行", True),
        ({**IN_FORCE, "validity": "in-force"}, "2017-07-01", "施行中", True),
        ({**IN_FORCE, "validity": "amended"}, "2018-01-01", "施行中", True),
        ({**IN_FORCE, "validity": "unknown"}, "2018-01-01", "已施行；此后是否失效未记录", False),
        ({**IN_FORCE, "validity": "unknown"}, "2017-05-01", "已成文，尚未施行", True),
        # What is known to the year only is not certain within that year.
        ({"issued": "2014"}, "2013-12-31", "尚未成文", True),
        ({"issued": "2014"}, "2014-06-01", "不能确定：施行日期未记录", False),
        ({"issued": "2014"}, "2016-01-01", "不能确定：施行日期未记录", False),
        ({"issued": "2014", "effective": "2015"}, "2014-06-01", "尚未施行", True),
        (
            {"issued": "2014", "effective": "2015"},
            "2015-06-01",
            "不能确定：施行日期没有记到日",
            False,
        ),
        ({"effective": "2015", "validity": "in-force"}, "2016-01-01", "施行中", True),
        # The end.
        ({**IN_FORCE, "validity": "repealed", "ended": "2020-05-14"}, "2020-05-13", "施行中", True),
        (
            {**IN_FORCE, "validity": "repealed", "ended": "2020-05-14"},
            "2020-05-14",
            "已失效（已废止）",
            True,
        ),
        (
            {**IN_FORCE, "validity": "replaced", "ended": "2020"},
            "2020-05-14",
            "不能确定：失效日期没有记到日",
            False,
        ),
        ({"validity": "replaced", "ended": "2020"}, "2021-01-01", "已失效（已被替代）", True),
        ({**IN_FORCE, "validity": "repealed"}, "2018-01-01", "不能确定：失效日期未记录", False),
        ({}, "2018-01-01", "不能确定：施行日期未记录", False),
    ],
)
def test_the_state_on_a_day_follows_from_what_is_recorded(
    client: Client, given: dict[str, Any], on: str, label: str, is_certain: bool
) -> None:
    policy = make.make_policy(**given)
    state = validity.state_on(policy, [], date.fromisoformat(on))
    assert (state.label, state.is_certain) == (label, is_certain)
    assert f"<strong>{label}</strong>" in page(client, policy, f"?on={on}")


def test_a_day_to_come_is_not_foretold() -> None:
    policy = make.make_policy(**IN_FORCE, validity="in-force")
    tomorrow = timezone.localdate() + timedelta(days=1)
    assert validity.state_on(policy, [], tomorrow).label == "不能确定：这一天还没有到"
    assert validity.state_on(policy, [], timezone.localdate()).label == "施行中"


def test_what_replaced_a_document_dates_its_end(client: Client) -> None:
    old = make.make_policy(**IN_FORCE, validity="replaced")
    new = make.make_policy(issued="2020-03", effective="2020-05-01")
    make.make_relation(new, "替代", old)
    assert "<strong>施行中</strong>" in page(client, old, "?on=2020-04-30")
    text = page(client, old, "?on=2020-05-01")
    assert "<strong>已失效（已被替代）</strong>" in text
    assert "<dt>失效日期</dt><dd>2020 年 5 月 1 日</dd>" in text
    # As long as nobody recorded that it is over, the relation alone does not end it.
    PolicyDocument.objects.filter(pk=old.pk).update(validity="in-force")
    old.refresh_from_db()
    asked = date(2021, 1, 1)
    assert validity.state_on(old, old.related_by.all(), asked).label == "施行中"


def test_amendments_by_that_day_are_named(client: Client) -> None:
    law = make.make_policy(**IN_FORCE, validity="amended")
    change = make.make_policy(title="关于修改的决定", issued="2020-05-14")
    make.make_relation(change, "修订", law)
    named = "此前已由《关于修改的决定》修订"
    assert named not in page(client, law, "?on=2020-05-13")
    assert named in page(client, law, "?on=2020-05-14")


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("x", "请写成 2016-01-01 的样子"),
        ("2016", "请写成 2016-01-01 的样子"),
        ("2015-02-30", "检查有没有这一天"),
        ("", "请写明日期"),
        ("<b>", "请写成 2016-01-01 的样子"),
    ],
)
def test_a_day_that_cannot_be_read_is_refused_and_shown_again(
    client: Client, typed: str, message: str
) -> None:
    policy = make.make_policy()
    response = client.get(f"/policies/{policy.pk}/", {"on": typed})
    text = response.content.decode()
    assert response.status_code == 400
    assert message in text
    assert policy.title in text
    if typed:
        shown = typed.replace("<", "&lt;").replace(">", "&gt;")
        assert f"写的是“{shown}”" in text
        assert f'value="{shown}"' in text
    assert "<b>" not in text


def test_a_page_about_a_day_is_not_for_search_engines(client: Client) -> None:
    policy = make.make_policy()
    assert "noindex" in page(client, policy, "?on=2016-01-01")
    assert "noindex" not in page(client, policy)


# --- Cases by district and year ---


def table_of(client: Client, policy: PolicyDocument) -> Any:
    return client.get(f"/policies/{policy.pk}/").context["matrix"]


def test_every_number_of_the_table_is_the_total_of_the_list_that_it_opens(client: Client) -> None:
    policy = make.make_policy()
    for district, start in (
        ("xuhui", "2014-05"),
        ("xuhui", "2016"),
        ("pudong", "2016-01-02"),
        ("pudong", ""),
        (None, "2014"),
    ):
        make.make_published(district=district, start=start, policies=((policy, "落实"),))
    make.make_published(district="jingan", start="2009")  # Of another document, or of none.
    table = table_of(client, policy)
    assert [column.value for column in table.columns] == ["2014", "2015", "2016"]
    found = {row.entry.label: [cell.number for cell in row.cells] for row in table.rows}
    assert found == {"徐汇区": [1, 0, 1], "浦东新区": [0, 0, 1], "全市": [1, 0, 0]}
    assert [count.number for count in table.cases] == [2, 0, 2]
    assert (table.all_cases.number, table.outside.number) == (5, 1)
    counts = [count for row in table.rows for count in (*row.cells, row.cases)]
    for count in (*counts, *table.cases, table.all_cases):
        assert client.get(f"/cases.json{count.url}").json()["count"] == count.number, count.url
    text = page(client, policy)
    assert '&amp;none=year" rel="nofollow">1 条</a>没有记录年份' in text
    for count in counts:
        address = count.url.replace("&", "&amp;")
        assert (f'href="/cases/{address}"' in text) is bool(count.number)


def test_cases_without_a_year_make_no_table(client: Client) -> None:
    policy = make.make_policy()
    make.make_published(policies=((policy, "落实"),))
    assert table_of(client, policy).columns == []
    assert 'id="by-year"' not in page(client, policy)


def test_the_tables_of_the_real_documents_agree_with_their_lists(
    client: Client, real_cases: None
) -> None:
    for policy in PolicyDocument.objects.all():
        table = table_of(client, policy)
        for row in table.rows:
            for count in (*row.cells, row.cases):
                if count.number and count.url:
                    data = client.get(f"/cases.json{count.url}").json()
                    assert data["count"] == count.number, count.url


# --- Citation ---


def test_a_document_shows_how_it_is_cited(client: Client) -> None:
    policy = make.make_policy(
        title="条例",
        number="沪府发〔2021〕2号",
        issuer="甲委、乙府",
        issued="2021-03-05",
        original_url="https://e.org/full",
    )
    today = timezone.localdate()
    text = page(client, policy)
    wide = (
        f"甲委，乙府. 条例：沪府发〔2021〕2号[EB/OL]. （2021-03-05）[{today}]. https://e.org/full."
    )
    narrow = (
        f"甲委, 乙府. 条例: 沪府发〔2021〕2号[A/OL]. (2021-03-05)[{today}]. https://e.org/full."
    )
    assert text.index(wide) < text.index(narrow)
    assert text.count("data-text=") == 2
    for suffix in ("ris", "bib", "csl.json"):
        assert f'href="/policies/{policy.pk}.{suffix}"' in text
        assert client.get(f"/policies/{policy.pk}.{suffix}").status_code == 200
        assert client.get(f"/policies/999999.{suffix}").status_code == 404
    text = page(client, make.make_policy(title="没有原文的", issuer="甲委"))
    assert "<p>甲委. 没有原文的[Z].</p>" in text
    assert "原文网址未记录" in text


def test_the_page_costs_few_queries_whatever_it_tells(
    client: Client, django_assert_max_num_queries: Any
) -> None:
    policy = make.make_policy()
    for number in range(30):
        other = make.make_policy()
        source = make.make_source()
        make.make_relation(other, "落实", policy, basis="原文", grade="C", source=source)
        policy.statements.create(
            order=number, kind="measure", text="要求", grade="C", source=make.make_source()
        )
        make.make_published(start="2015", policies=((policy, "落实"),))
    client.get("/")  # The worker knows what is published by now.
    with django_assert_max_num_queries(7):
        page(client, policy, "?on=2016-01-01")
