"""`/cases/<pk>/` and its frozen versions."""

import pytest
from django.test import Client

from cases import publishing

from . import make

pytestmark = pytest.mark.django_db


def test_marks_lead_to_the_evidence_and_back(client: Client) -> None:
    case = make.make_published(approach="先商量[^1]，再动手[^1]。")
    text = client.get(f"/cases/{case.pk}/").content.decode()
    assert text.count('href="#evidence-1"') >= 2
    assert 'id="evidence-1"' in text
    for anchor in ("approach-1-1", "approach-1-2"):
        assert f'id="{anchor}"' in text
        assert f'href="#{anchor}"' in text


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("**重点：**后续[^1]", "<strong>重点：</strong>后续"),
        ("**“引号”**内容[^1]", "<strong>“引号”</strong>内容"),
        ("**（一）**完善[^1]", "<strong>（一）</strong>完善"),
        ("- 一\n- 二[^1]", "<li>一</li>"),
    ],
)
def test_markdown_knows_chinese_punctuation(client: Client, source: str, shown: str) -> None:
    case = make.make_published(approach=source)
    assert shown in client.get(f"/cases/{case.pk}/").content.decode()


@pytest.mark.parametrize(
    "attack",
    [
        "<script>alert(1)</script>",
        "[点我](javascript:alert(1))",
        "![图](https://example.org/a.png)",
        '<img src=x onerror="alert(1)">',
        '[链](https://example.org/ "a\\" onclick=\\"alert(1)")',
    ],
)
def test_text_cannot_bring_its_own_markup(client: Client, attack: str) -> None:
    case = make.make_published(title=attack[:70], approach=f"{attack}[^1]", summary=attack)
    text = client.get(f"/cases/{case.pk}/").content.decode()
    assert "<script>alert" not in text
    assert 'href="javascript:' not in text
    assert "<img" not in text
    assert 'onclick="' not in text


def test_what_is_not_recorded_is_called_unrecorded_and_never_none(client: Client) -> None:
    case = make.make_published(start="", mechanisms=())
    text = client.get(f"/cases/{case.pk}/").content.decode()
    assert "未记录" in text
    assert "None" not in text


def test_the_page_names_its_place_theme_figure_and_source(client: Client) -> None:
    street = make.make_subdistrict()
    draft = make.make_complete_draft(subdistricts=[street], start="2014-07")
    evidence = draft.evidence.get()
    make.make_figure(draft, label="认岗党员", value=1234, qualifier="余", evidence=evidence)
    publishing.publish(draft)
    text = client.get(f"/cases/{draft.pk}/").content.decode()
    for shown in (
        "徐汇区",
        "凌云路街道",
        "居民区治理",
        "推断",
        "2014",
        "认岗党员",
        "余",
        evidence.source.title,
    ):
        assert shown in text, shown


def test_a_machine_reader_learns_type_title_and_address(client: Client) -> None:
    case = make.make_published(title="潮汐停车")
    text = client.get(f"/cases/{case.pk}/").content.decode()
    for tag in (
        '<meta name="citation_title" content="潮汐停车',
        '<meta name="z:itemType" content="webpage">',
        '<meta name="citation_language" content="zh-CN">',
        f"/cases/{case.pk}.json",
        'rel="canonical"',
    ):
        assert tag in text, tag


def test_an_earlier_version_stays_as_it_was_and_is_not_indexed(client: Client) -> None:
    case = make.make_published(title="旧名")
    publishing.withdraw(case, None, "改名")
    case.title = "新名"
    case.save()
    publishing.publish(case)
    old = client.get(f"/cases/{case.pk}/v1/").content.decode()
    assert "旧名" in old
    assert "noindex" in old
    assert f'href="/cases/{case.pk}/"' in old
    assert "新名" in client.get(f"/cases/{case.pk}/").content.decode()


def test_a_repealed_policy_is_flagged_on_the_case_that_rests_on_it(client: Client) -> None:
    policy = make.make_policy()
    case = make.make_published(policies=((policy, "依据"),))
    assert "已废止" not in client.get(f"/cases/{case.pk}/").content.decode()
    policy.validity = "repealed"
    policy.save()
    assert "已废止" in client.get(f"/cases/{case.pk}/").content.decode()


def test_related_cases_come_with_the_reason(client: Client) -> None:
    street = make.make_subdistrict()
    case = make.make_published(subdistricts=[street], mechanisms=("sharing",))
    neighbour = make.make_published(subdistricts=[street], topics=("pets",), title="邻居")
    alike = make.make_published(district="pudong", mechanisms=("sharing",), title="同类")
    related = client.get(f"/cases/{case.pk}/").context["related"]
    assert [(item.case["id"], item.reason) for item in related] == [
        (neighbour.pk, "同在凌云路街道"),
        (alike.pk, "同一议题“停车与交通”，同用“错时共享”"),
    ]
