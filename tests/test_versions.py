"""`/cases/<pk>/versions/`, `/v<n>/` and the difference between two."""

import pytest
from django.test import Client

from cases import publishing
from cases.models import Initiative
from cases.outputs import diffs

from . import make

pytestmark = pytest.mark.django_db


def republish(case: Initiative, **changes: str) -> None:
    copy = publishing.start_revision(case)
    for name, value in changes.items():
        setattr(copy, name, value)
    copy.save()
    publishing.publish(copy, note="有修改")


def test_the_list_names_every_version_with_its_day_and_note(client: Client) -> None:
    case = make.make_published()
    republish(case, summary="新的摘要。")
    text = client.get(f"/cases/{case.pk}/versions/").content.decode()
    for shown in (f"/cases/{case.pk}/v1/", f"/cases/{case.pk}/v2/", "有修改", "versions/1..2/"):
        assert shown in text


def test_a_version_that_was_cited_says_that_the_case_changed_since(client: Client) -> None:
    case = make.make_published()
    assert "自您引用的版本以来有修改" not in client.get(f"/cases/{case.pk}/v1/").content.decode()
    republish(case, summary="新的摘要。")
    text = client.get(f"/cases/{case.pk}/v1/").content.decode()
    assert "自您引用的版本以来有修改" in text
    assert f"/cases/{case.pk}/versions/1..2/" in text
    assert "自您引用的版本以来有修改" not in client.get(f"/cases/{case.pk}/v2/").content.decode()


def test_a_frozen_version_has_its_own_citation_and_is_not_indexed(client: Client) -> None:
    case = make.make_published(title="旧名")
    republish(case, title="新名")
    text = client.get(f"/cases/{case.pk}/v1/").content.decode()
    assert '<meta name="citation_title" content="旧名（第 1 版）">' in text
    assert f"/cases/{case.pk}/v1/" in text.partition('name="citation_public_url"')[2][:120]
    assert "noindex" in text


def test_the_difference_shows_exactly_what_changed(client: Client) -> None:
    case = make.make_published(summary="街道与居民一起解决了停车难。")
    republish(case, summary="街道与居民一起缓解了停车难。")
    response = client.get(f"/cases/{case.pk}/versions/1..2/")
    changes = response.context["changes"]
    assert [change.field for change in changes] == ["摘要"]
    assert changes[0].html == "街道与居民一起<del>解决</del><ins>缓解</ins>了停车难。"


def test_two_equal_versions_have_no_difference(client: Client) -> None:
    case = make.make_published()
    republish(case)
    assert "内容相同" in client.get(f"/cases/{case.pk}/versions/1..2/").content.decode()


@pytest.mark.parametrize(
    ("old", "new", "html"),
    [
        ("", "新的", "<ins>新的</ins>"),
        ("旧的", "", "<del>旧的</del>"),
        ("共22个岗", "共23个岗", "共<del>22</del><ins>23</ins>个岗"),
        ("<b>甲</b>", "<b>乙</b>", "&lt;b&gt;<del>甲</del><ins>乙</ins>&lt;/b&gt;"),
        ("同样", "同样", "同样"),
    ],
)
def test_changes_are_marked_by_runs_of_characters_and_by_words(
    old: str, new: str, html: str
) -> None:
    assert diffs.marked(old, new) == html


def test_versions_of_what_is_not_public_have_no_address(client: Client) -> None:
    draft = make.make_complete_draft()
    gone = make.make_withdrawn()
    for tail in ("versions/", "v1/", "versions/1..1/"):
        assert client.get(f"/cases/{draft.pk}/{tail}").status_code == 404
        assert client.get(f"/cases/{gone.pk}/{tail}").status_code == 410
    case = make.make_published()
    for tail in ("v2/", "versions/1..2/", "versions/0..1/"):
        assert client.get(f"/cases/{case.pk}/{tail}").status_code == 404


def test_a_merged_case_leads_to_the_other_for_good(client: Client) -> None:
    kept, double = make.make_published(), make.make_published()
    publishing.merge(double, kept, None)
    for tail in ("/", ".json", ".docx", ".ris", ".bib", ".csl.json", "/sources.ris"):
        response = client.get(f"/cases/{double.pk}{tail}")
        assert (response.status_code, response["Location"]) == (301, f"/cases/{kept.pk}{tail}")


def test_the_versions_of_a_merged_case_stay_for_those_who_cited_them(client: Client) -> None:
    kept, double = make.make_published(title="留下的"), make.make_published(title="重复的")
    publishing.publish(publishing.start_revision(double))
    text = client.get(f"/cases/{double.pk}/v1/").content.decode()
    passage = "居民先商量，再分头去做。"
    assert passage in text
    publishing.merge(double, kept, None)
    for number in (1, 2):
        response = client.get(f"/cases/{double.pk}/v{number}/")
        assert response.status_code == 200
        text = response.content.decode()
        assert passage in text
        assert "这个案例已并入“留下的”" in text
        assert f'href="/cases/{kept.pk}/"' in text
        assert "当前版本" not in text
        assert '<meta name="robots" content="noindex">' in text
        assert f"/cases/{double.pk}/v{number}/" in text[text.index('id="cite"') :]
        assert f'/cases/{double.pk}/v{number}/">' in text[: text.index("</head>")]
        assert f"/cases/{double.pk}.docx" not in text
        cited = client.get(f"/cases/{double.pk}/v{number}.ris")
        assert f"/cases/{double.pk}/v{number}/" in cited.content.decode()
        assert client.get(f"/cases/{double.pk}/v{number}.docx").status_code == 200
    text = client.get(f"/cases/{double.pk}/versions/").content.decode()
    assert f'href="/cases/{double.pk}/v1/"' in text
    assert "已并入“留下的”" in text
    assert client.get(f"/cases/{double.pk}/versions/1..2/").status_code == 200
    text = client.get(f"/cases/{kept.pk}/versions/").content.decode()
    assert f'href="/cases/{double.pk}/versions/"' in text
    assert client.get(f"/cases/{double.pk}/v3/").status_code == 404


def test_the_versions_of_a_merged_case_go_with_the_case_that_has_it(client: Client) -> None:
    kept, double = make.make_published(), make.make_published()
    publishing.merge(double, kept, None)
    publishing.withdraw(kept, None, "有误")
    for tail in ("/v1/", "/v1.ris", "/v1.docx", "/versions/1..1/"):
        response = client.get(f"/cases/{double.pk}{tail}")
        assert (response.status_code, response["Location"]) == (301, f"/cases/{kept.pk}/")
    response = client.get(f"/cases/{double.pk}/versions/", follow=True)
    assert response.status_code == 410


def test_a_tombstone_shows_nothing_that_was_typed_after_the_withdrawal(client: Client) -> None:
    case = make.make_withdrawn(title="原来的名称")
    Initiative.objects.filter(pk=case.pk).update(title="还没有发布的名称")
    text = client.get(f"/cases/{case.pk}/").content.decode()
    assert "原来的名称" in text
    assert "还没有发布" not in text
    data = client.get(f"/cases/{case.pk}.json")
    assert "还没有发布" not in data.content.decode()


def test_the_public_versions_name_no_person(client: Client) -> None:
    reviewer = make.make_user("reviewer", username="wang", email="wang@example.org")
    draft = make.make_complete_draft()
    publishing.publish(draft, reviewer)
    for tail in ("", "versions/", "v1/"):
        text = client.get(f"/cases/{draft.pk}/{tail}").content.decode()
        assert "wang" not in text
