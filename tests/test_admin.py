"""The editors' desk: how a case is written, submitted, published and taken back."""

from collections.abc import Callable
from html.parser import HTMLParser
from importlib import import_module
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from cases import publishing
from cases.models import (
    Event,
    Evidence,
    Figure,
    Initiative,
    PolicyDocument,
    PolicyStatement,
    Revision,
    Source,
)

from . import axe as axe_module
from . import make

ROLES: Any = import_module("cases.migrations.0002_roles")
LIST = "/admin/cases/initiative/"
ADD = "/admin/cases/initiative/add/"

pytestmark = pytest.mark.django_db


class _Form(HTMLParser):
    """What a browser would post of the case's form, as it stands on the page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.data: dict[str, Any] = {}
        self._inside = False
        self._select: tuple[str, bool] | None = None
        self._textarea = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        at = dict(attrs)
        name = at.get("name") or ""
        if tag == "form":
            self._inside = (at.get("id") or "").endswith("_form")
        elif not self._inside:
            return
        elif tag == "input" and at.get("type") not in ("submit", "button"):
            is_box = at.get("type") in ("checkbox", "radio")
            if not is_box or "checked" in at:
                self.data[name] = at.get("value") or ("on" if is_box else "")
        elif tag == "textarea":
            self._textarea = name
            self.data[name] = ""
        elif tag == "select":
            self._select = (name, "multiple" in at)
            self.data[name] = [] if "multiple" in at else ""
        elif tag == "option" and self._select and "selected" in at:
            select, multiple = self._select
            value = at.get("value") or ""
            self.data[select] = [*self.data[select], value] if multiple else value

    def handle_data(self, data: str) -> None:
        if self._textarea:
            self.data[self._textarea] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            # A line end right after the tag is not part of the text.
            self.data[self._textarea] = self.data[self._textarea].removeprefix("\n")
            self._textarea = ""
        elif tag == "select":
            self._select = None
        elif tag == "form":
            self._inside = False


def form_of(client: Client, url: str) -> dict[str, Any]:
    response = client.get(url)
    assert response.status_code == 200
    return _Form(response.content.decode()).data


def change(initiative: Initiative) -> str:
    return f"/admin/cases/initiative/{initiative.pk}/change/"


def row(data: dict[str, Any], prefix: str, **values: Any) -> int:
    """Fill the next free row of one kind, as 添加另一个 does, and return which it is."""
    index = int(data[f"{prefix}-INITIAL_FORMS"])
    while data.get(f"{prefix}-{index}-taken"):
        index += 1
    data[f"{prefix}-{index}-taken"] = "1"
    data.setdefault(f"{prefix}-{index}-id", "")
    data |= {f"{prefix}-{index}-{name}": value for name, value in values.items()}
    data[f"{prefix}-TOTAL_FORMS"] = str(max(index + 1, int(data[f"{prefix}-TOTAL_FORMS"])))
    return index


def faults(response: Any) -> str:
    """Return the list of errors that the page begins with; the form has not been saved."""
    assert response.status_code == 200, response.status_code
    text = response.content.decode()
    start = text.index("没有保存，请先改正")
    return text[start : text.index("</ul>", start)]


@pytest.fixture
def editor(client: Client) -> Any:
    user = make.make_user("editor")
    client.force_login(user)
    return user


@pytest.fixture
def reviewer(client: Client) -> Any:
    user = make.make_user("reviewer")
    client.force_login(user)
    return user


class TestWriting:
    def test_a_whole_case_is_written_in_one_go(self, client: Client, editor: Any) -> None:
        street = make.make_subdistrict()
        source = make.make_source()
        data = form_of(client, ADD) | {
            "title": "潮汐停车",
            "aliases": "错时停车\n\n  共享车位 ",
            "summary": "街道与单位共用车位。",
            "scope": "街镇",
            "subdistricts": [street.pk],
            "start": "2014-07",
            "approach": "先商量再划线。[^1]",
            "_continue": "1",
        }
        row(data, "theme_links", theme=make.make_theme().pk, basis="推断", reason="做法相符")
        row(data, "topic_links", topic=make.make_topic().pk)
        row(data, "participations", actor=make.make_actor().pk, role="牵头")
        row(data, "evidence", number="1", source=source.pk, grade="C", quotation="共用车位")
        row(data, "figures", label="车位", value="120", unit="个", evidence_number="1")
        row(data, "policy_links", policy=make.make_policy().pk, kind="落实", basis="原文")
        response = client.post(ADD, data)
        case = Initiative.objects.get()
        assert response.url == change(case)
        assert case.aliases == ["错时停车", "共享车位"]
        assert case.created_by == editor
        assert case.status == "draft"
        assert [d.slug for d in case.districts.all()] == ["xuhui"]  # the street's
        assert case.topic_links.get().position == 1
        assert case.figures.get().evidence == case.evidence.get()
        assert case.theme_links.get().reason == "做法相符"
        assert case.policy_links.count() == case.participations.count() == 1

    def test_a_title_is_enough_to_save_a_draft(self, client: Client, editor: Any) -> None:
        client.post(ADD, form_of(client, ADD) | {"title": "只有题目", "_save": "1"})
        assert Initiative.objects.get().title == "只有题目"

    def test_what_was_stored_comes_back_unchanged(self, client: Client, editor: Any) -> None:
        case = make.make_complete_draft(
            aliases=["一", "二"], mechanisms=("sharing",), actors=(("street", "牵头"),)
        )
        make.make_figure(case, evidence=case.evidence.get(), value="22.5000")
        before = publishing.to_record(publishing.for_record(Initiative.objects.all()).get())
        client.post(change(case), form_of(client, change(case)) | {"_continue": "1"})
        after = publishing.to_record(publishing.for_record(Initiative.objects.all()).get())
        assert after == before

    def test_numbers_left_empty_go_on_from_the_last(self, client: Client, editor: Any) -> None:
        case = make.make_complete_draft()
        data = form_of(client, change(case))
        for _ in range(2):
            row(data, "evidence", source=make.make_source().pk, grade="C")
        client.post(change(case), data)
        assert [e.number for e in case.evidence.all()] == [1, 2, 3]

    def test_a_number_that_goes_is_not_given_again(self, client: Client, editor: Any) -> None:
        case = make.make_complete_draft()
        make.make_evidence(case, 2)
        data = form_of(client, change(case)) | {"evidence-1-DELETE": "on"}
        row(data, "evidence", source=make.make_source().pk, grade="C")
        client.post(change(case), data)
        assert [e.number for e in case.evidence.all()] == [1, 3]

    def test_the_last_editor_wins_only_after_being_told(self, client: Client, editor: Any) -> None:
        case = make.make_complete_draft(topics=("parking", "noise"))
        mine = form_of(client, change(case)) | {"title": "我的题目"}
        theirs = form_of(client, change(case)) | {"title": "别人的题目"}
        client.post(change(case), theirs)
        response = client.post(change(case), mine)
        assert "别人保存过这个案例" in response.content.decode()
        case.refresh_from_db()
        assert case.title == "别人的题目"
        again = _Form(response.content.decode()).data
        assert again["title"] == "我的题目"
        assert again["districts"] == [str(case.districts.get().pk)]
        client.post(change(case), again)
        case.refresh_from_db()
        assert case.title == "我的题目"

    def test_rows_added_meanwhile_are_kept(self, client: Client, editor: Any) -> None:
        case = make.make_complete_draft()
        mine, theirs = form_of(client, change(case)), form_of(client, change(case))
        row(theirs, "evidence", source=make.make_source().pk, grade="A")
        client.post(change(case), theirs)
        row(mine, "evidence", number="2", source=make.make_source().pk, grade="B")
        told = _Form(client.post(change(case), mine).content.decode()).data
        assert "与别人刚加的一行重复" in faults(client.post(change(case), told))
        client.post(change(case), told | {"evidence-1-number": ""})
        assert [(e.number, e.grade) for e in case.evidence.all()] == [(1, "C"), (2, "A"), (3, "B")]

    def test_a_row_deleted_meanwhile_is_written_again(self, client: Client, editor: Any) -> None:
        case = make.make_complete_draft()
        make.make_evidence(case, 2)
        make.make_evidence(case, 3, grade="A")
        mine, theirs = form_of(client, change(case)), form_of(client, change(case))
        client.post(change(case), theirs | {"evidence-0-DELETE": "on"})
        mine |= {"evidence-0-quotation": "改过的引文", "evidence-1-DELETE": "on"}
        told = _Form(client.post(change(case), mine).content.decode()).data
        client.post(change(case), told)
        assert [(e.number, e.quotation) for e in case.evidence.all()] == [
            (1, "改过的引文"),
            (3, ""),
        ]


class TestNumbers:
    """A figure names its evidence by the number that stands in the text."""

    @pytest.fixture
    def case(self) -> Initiative:
        case = make.make_complete_draft()
        make.make_evidence(case, 2)
        make.make_figure(case, evidence=case.evidence.get(number=1))
        return case

    def test_a_figure_may_name_evidence_of_the_same_form(
        self, client: Client, editor: Any, case: Initiative
    ) -> None:
        data = form_of(client, change(case))
        row(data, "evidence", number="7", source=make.make_source().pk, grade="A")
        data["figures-0-evidence_number"] = "7"
        client.post(change(case), data)
        assert case.figures.get().evidence.number == 7  # type: ignore[union-attr]

    def test_two_numbers_may_be_exchanged(
        self, client: Client, editor: Any, case: Initiative
    ) -> None:
        first, second = case.evidence.all()
        data = form_of(client, change(case))
        data |= {"evidence-0-number": "2", "evidence-1-number": "1"}
        response = client.post(change(case), data)
        assert response.status_code == 302
        assert [e.pk for e in case.evidence.all()] == [second.pk, first.pk]
        assert case.figures.get().evidence == second  # as the text does

    def test_topics_may_be_exchanged(self, client: Client, editor: Any) -> None:
        case = make.make_complete_draft(topics=("parking", "noise"))
        data = form_of(client, change(case))
        data |= {"topic_links-0-position": "2", "topic_links-1-position": "1"}
        assert client.post(change(case), data).status_code == 302
        assert [str(link) for link in case.topic_links.all()] == ["noise", "停车与交通"]

    def test_evidence_in_use_is_not_deleted(
        self, client: Client, editor: Any, case: Initiative
    ) -> None:
        data = form_of(client, change(case)) | {"evidence-0-DELETE": "on"}
        assert "编号 1 的出处正要删除" in faults(client.post(change(case), data))
        assert case.evidence.count() == 2

    def test_evidence_goes_together_with_its_figure(
        self, client: Client, editor: Any, case: Initiative
    ) -> None:
        data = form_of(client, change(case))
        data |= {"evidence-0-DELETE": "on", "figures-0-DELETE": "on"}
        assert client.post(change(case), data).status_code == 302
        assert [e.number for e in case.evidence.all()] == [2]
        assert not case.figures.exists()

    def test_evidence_goes_once_its_figure_names_another(
        self, client: Client, editor: Any, case: Initiative
    ) -> None:
        data = form_of(client, change(case))
        data |= {"evidence-0-DELETE": "on", "figures-0-evidence_number": "2"}
        assert client.post(change(case), data).status_code == 302
        assert case.figures.get().evidence.number == 2  # type: ignore[union-attr]

    def test_a_number_that_nothing_has_is_refused(
        self, client: Client, editor: Any, case: Initiative
    ) -> None:
        data = form_of(client, change(case)) | {"figures-0-evidence_number": "9"}
        response = client.post(change(case), data)
        assert "没有编号为 9 的出处" in faults(response)
        assert 'href="#id_figures-0-evidence_number"' in faults(response)

    def test_evidence_of_another_case_cannot_be_named(
        self, client: Client, editor: Any, case: Initiative
    ) -> None:
        other = make.make_evidence(make.make_initiative(), 5)
        data = form_of(client, change(case)) | {"figures-0-evidence": str(other.pk)}
        client.post(change(case), data)
        assert case.figures.get().evidence.initiative == case  # type: ignore[union-attr]
        stolen = form_of(client, change(case)) | {"evidence-0-id": str(other.pk)}
        assert "与别人刚加的一行重复" in faults(client.post(change(case), stolen))
        assert Evidence.objects.get(pk=other.pk).initiative != case

    def test_statements_of_a_policy_may_be_exchanged(self, client: Client, reviewer: Any) -> None:
        policy = make.make_policy()
        for order in (1, 2):
            PolicyStatement.objects.create(
                document=policy, order=order, kind="measure", text=f"第{order}条", grade="E"
            )
        url = f"/admin/cases/policydocument/{policy.pk}/change/"
        data = form_of(client, url) | {"statements-0-order": "2", "statements-1-order": "1"}
        assert client.post(url, data).status_code == 302
        assert [s.text for s in policy.statements.all()] == ["第2条", "第1条"]


class TestRelationsOfPolicies:
    def add(self, client: Client, **values: Any) -> tuple[Any, Any, Any]:
        """Post a relation to an older document on the page of a newer one."""
        old, new = make.make_policy(title="旧办法"), make.make_policy(title="新办法")
        url = f"/admin/cases/policydocument/{new.pk}/change/"
        data = form_of(client, url)
        usual = {"kind": "替代", "target": str(old.pk), "basis": "推断", "grade": "E"}
        row(data, "relations", **(usual | values))
        return old, new, client.post(url, data, follow=True)

    def test_a_relation_is_entered_on_the_page_of_the_later_document(
        self, client: Client, reviewer: Any
    ) -> None:
        old, new, response = self.add(client)
        relation = new.relations.get()
        assert (relation.kind, relation.target) == ("替代", old)
        text = response.content.decode()
        assert "本文件替代它，但它的效力状态还是“未记录”" in text
        assert f'href="/admin/cases/policydocument/{old.pk}/change/"' in text

    def test_a_document_that_is_recorded_as_over_is_no_matter_for_a_warning(
        self, client: Client, reviewer: Any
    ) -> None:
        _, new, _ = self.add(client)
        PolicyDocument.objects.filter(title="旧办法").update(validity="replaced")
        url = f"/admin/cases/policydocument/{new.pk}/change/"
        response = client.post(url, form_of(client, url), follow=True)
        assert "请一并改正" not in response.content.decode()

    @pytest.mark.parametrize(
        ("values", "message"),
        [
            ({"grade": "C"}, "推断的或没有来源的关系只能是 E 级"),
            ({"basis": "原文", "grade": "B"}, "推断的或没有来源的关系只能是 E 级"),
            ({"target": ""}, "这个字段是必填项"),
        ],
    )
    def test_a_mistake_is_named(
        self, client: Client, reviewer: Any, values: dict[str, str], message: str
    ) -> None:
        _, new, response = self.add(client, **values)
        assert message in response.content.decode()
        assert not new.relations.exists()

    def test_two_documents_do_not_replace_each_other(self, client: Client, reviewer: Any) -> None:
        old, new, _ = self.add(client)
        url = f"/admin/cases/policydocument/{old.pk}/change/"
        data = form_of(client, url)
        row(data, "relations", kind="替代", target=str(new.pk), basis="推断", grade="E")
        assert "方向相反" in client.post(url, data).content.decode()
        assert not old.relations.exists()

    def test_a_document_has_no_relation_to_itself(self, client: Client, reviewer: Any) -> None:
        policy = make.make_policy()
        url = f"/admin/cases/policydocument/{policy.pk}/change/"
        data = form_of(client, url)
        row(data, "relations", kind="落实", target=str(policy.pk), basis="推断", grade="E")
        assert "文件不能与自己有关系" in client.post(url, data).content.decode()

    def test_only_what_is_over_has_a_date_of_its_end(self, client: Client, reviewer: Any) -> None:
        url = f"/admin/cases/policydocument/{make.make_policy().pk}/change/"
        data = form_of(client, url) | {"ended": "2020", "validity": "in-force"}
        text = client.post(url, data).content.decode()
        assert "只有已废止或已被替代的文件才有失效日期" in text
        data = form_of(client, url) | {"ended": "2020", "validity": "repealed"}
        assert client.post(url, data).status_code == 302


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"start": "2014-13"}, "请写成 2014、2014-07 或 2014-07-01"),
        ({"start": "2014-02-30"}, "没有这一天"),
        ({"start": "2015", "end": "2014"}, "结束不能早于开始"),
        ({"aliases": "同名\n同名"}, "有重复的名称"),
        ({"evidence-0-quotation": "字" * 61}, "60"),
        ({"evidence-0-number": "0"}, "大于或等于1"),
        ({"evidence-0-number": "2"}, "出处编号不能重复"),
        ({"evidence-0-source": ""}, "这个字段是必填项"),
        ({"topic_links-1-topic": "same"}, "同一个议题选了两次"),
        ({"topic_links-1-position": "1"}, "两个议题的次序相同"),
        ({"topic_links-0-position": "4"}, "议题的次序只能是 1、2、3"),
        ({"title": ""}, "这个字段是必填项"),
    ],
)
def test_a_mistake_is_named_and_nothing_typed_is_lost(
    client: Client, editor: Any, values: dict[str, str], message: str
) -> None:
    case = make.make_complete_draft(topics=("parking", "noise"))
    make.make_evidence(case, 2)
    data = form_of(client, change(case)) | {"limits": "写了很久的一段话[^1]"}
    if values.get("topic_links-1-topic") == "same":
        values = {"topic_links-1-topic": data["topic_links-0-topic"]}
    response = client.post(change(case), data | values)
    text = response.content.decode()
    assert response.status_code == 200
    assert message in text
    assert _Form(text).data["limits"] == "写了很久的一段话[^1]"
    case.refresh_from_db()
    assert case.limits == ""


def test_a_fourth_topic_is_refused(client: Client, editor: Any) -> None:
    case = make.make_complete_draft(topics=("parking", "noise", "pets"))
    data = form_of(client, change(case))
    row(data, "topic_links", topic=make.make_topic("lifts", "电梯").pk)
    assert "至多三个议题" in faults(client.post(change(case), data))
    data["topic_links-0-DELETE"] = "on"
    assert client.post(change(case), data).status_code == 302
    assert case.topic_links.count() == 3


class TestSubmitting:
    def test_the_page_says_at_all_times_what_is_missing(self, client: Client, editor: Any) -> None:
        case = make.make_initiative(background="没有标记的话")
        text = client.get(change(case)).content.decode()
        for anchor in (
            "id_summary",
            "id_scope",
            "topic_links-group",
            "theme_links-group",
            "evidence-group",
            "id_background",
        ):
            assert f'<a href="#{anchor}">' in text
            assert f'id="{anchor}"' in text
        complete = make.make_complete_draft()
        assert "内容齐备" in client.get(change(complete)).content.decode()

    def test_an_editor_saves_and_submits(self, client: Client, editor: Any) -> None:
        case = make.make_complete_draft()
        data = form_of(client, change(case)) | {"summary": "改过的摘要。", "_submit": "1"}
        response = client.post(change(case), data, follow=True)
        case.refresh_from_db()
        assert (case.status, case.summary) == ("review", "改过的摘要。")
        assert "已提交审核" in response.content.decode()
        assert "提交审核" in str(LogEntry.objects.latest("pk"))

    def test_a_new_case_can_be_submitted_at_once(self, client: Client, editor: Any) -> None:
        client.post(ADD, form_of(client, ADD) | {"title": "新", "_submit": "1"})
        assert Initiative.objects.get().status == "review"

    def test_what_waits_is_the_reviewers_to_change(self, client: Client, editor: Any) -> None:
        case = make.make_in_review()
        text = client.get(change(case)).content.decode()
        assert "正在等待审核" in text
        assert 'name="_continue"' not in text
        client.force_login(make.make_user("reviewer"))
        data = form_of(client, change(case)) | {"title": "审核改过", "_continue": "1"}
        client.post(change(case), data)
        case.refresh_from_db()
        assert (case.title, case.status) == ("审核改过", "review")

    def test_it_is_sent_back_with_a_reason_that_the_editor_sees(
        self, client: Client, reviewer: Any
    ) -> None:
        case = make.make_in_review()
        url = f"/admin/cases/initiative/{case.pk}/send-back/"
        assert f'href="{url}"' in client.get(change(case)).content.decode()
        assert "这个字段是必填项" in client.post(url, {"reason": "  "}).content.decode()
        assert "400" in client.post(url, {"reason": "字" * 401}).content.decode()
        assert client.post(url, {"reason": "缺第二个来源"}).url == change(case)
        case.refresh_from_db()
        assert (case.status, case.returned_reason) == ("draft", "缺第二个来源")
        client.force_login(make.make_user("editor"))
        assert "缺第二个来源" in client.get(change(case)).content.decode()
        assert case.title in client.get(LIST, {"desk": "returned"}).content.decode()

    def test_only_what_waits_can_be_sent_back(self, client: Client, reviewer: Any) -> None:
        case = make.make_published()
        url = f"/admin/cases/initiative/{case.pk}/send-back/"
        response = client.post(url, {"reason": "不对"}, follow=True)
        assert "案例现在是“已发布”，不能这样做" in response.content.decode()


class TestPublishing:
    def test_a_reviewer_saves_and_publishes(self, client: Client, reviewer: Any) -> None:
        case = make.make_in_review()
        data = form_of(client, change(case)) | {"title": "定稿", "_publish": "1"}
        response = client.post(change(case), data, follow=True)
        case.refresh_from_db()
        assert (case.status, case.title) == ("published", "定稿")
        text = response.content.decode()
        assert "已发布为第 1 版" in text
        assert f'<a href="/cases/{case.pk}/">' in text
        assert Revision.objects.get().published_by == reviewer
        assert "定稿" in client.get(f"/cases/{case.pk}/").content.decode()

    def test_what_is_not_ready_is_saved_and_says_what_is_missing(
        self, client: Client, reviewer: Any
    ) -> None:
        case = make.make_complete_draft()
        data = form_of(client, change(case)) | {
            "summary": "",
            "results": "写了很久[^9]",
            "_publish": "1",
        }
        response = client.post(change(case), data, follow=True)
        text = response.content.decode()
        case.refresh_from_db()
        assert (case.status, case.results) == ("draft", "写了很久[^9]")
        assert not Revision.objects.exists()
        assert "缺 2 项" in text
        assert '<a href="#id_summary">请写一两句摘要。</a>' in text
        assert "“成效”引用了编号 9，但没有这条出处。" in text

    def test_a_published_case_is_nobodys_to_edit(self, client: Client, reviewer: Any) -> None:
        case = make.make_published()
        for role in ("editor", "reviewer", "manager"):
            client.force_login(make.make_user(role))
            text = client.get(change(case)).content.decode()
            assert 'name="title"' not in text
            assert "只供查看" in text
            response = client.post(change(case), {"title": "改"})
            assert response.status_code == 403
            assert "不能由您修改" in response.content.decode()
        client.force_login(make.make_user("manager", is_superuser=True))
        assert client.post(change(case), {"title": "改"}).status_code == 403

    def test_a_case_is_withdrawn_edited_and_published_again(
        self, client: Client, reviewer: Any
    ) -> None:
        case = make.make_published(title="旧题")
        url = f"/admin/cases/initiative/{case.pk}/withdraw/"
        assert "撤回日期" in client.get(url).content.decode()
        client.post(url, {"reason": "数字有误"})
        assert client.get(f"/cases/{case.pk}/").status_code == 410
        data = form_of(client, change(case))
        client.post(
            change(case), data | {"title": "新题", "revision_note": "改正数字", "_publish": "1"}
        )
        case.refresh_from_db()
        assert case.status == "published"
        latest = case.current_revision
        assert latest is not None
        assert (latest.number, latest.note, latest.record["title"]) == (2, "改正数字", "新题")

    def test_the_page_lists_the_versions(self, client: Client, editor: Any) -> None:
        case = make.make_published()
        text = client.get(change(case)).content.decode()
        assert f'<a href="/cases/{case.pk}/v1/">第 1 版</a>' in text
        assert f'<a href="/cases/{case.pk}/"' in text  # the public page

    def test_saving_does_not_touch_what_publishing_wrote(
        self, client: Client, reviewer: Any
    ) -> None:
        case = make.make_withdrawn(reason="重复")
        data = form_of(client, change(case)) | {"status": "published", "withdrawal_reason": "无"}
        client.post(change(case), data)
        case.refresh_from_db()
        assert (case.status, case.withdrawal_reason) == ("withdrawn", "重复")

    def test_a_working_copy_is_published_as_the_next_version_of_its_case(
        self, client: Client, reviewer: Any
    ) -> None:
        case = make.make_published(title="旧题")
        copy = publishing.start_revision(case, reviewer)
        data = form_of(client, change(copy))
        data |= {"title": "新题", "revision_note": "改题", "_publish": "1"}
        response = client.post(change(copy), data)
        assert response.url == change(case)
        case.refresh_from_db()
        assert (case.title, case.current_revision.note) == ("新题", "改题")  # type: ignore[union-attr]
        assert f'<a href="/cases/{case.pk}/">' in client.get(response.url).content.decode()

    def test_the_history_says_who_did_what(self, client: Client, editor: Any) -> None:
        client.post(ADD, form_of(client, ADD) | {"title": "写错了", "_submit": "1"})
        case = Initiative.objects.get()
        client.force_login(reviewer := make.make_user("reviewer"))
        client.post(f"/admin/cases/initiative/{case.pk}/send-back/", {"reason": "重复"})
        client.post(f"/admin/cases/initiative/{case.pk}/delete/", {"post": "yes"})
        assert not Initiative.objects.exists()
        assert [(e.verb, e.by, e.note) for e in Event.objects.order_by("pk")] == [
            ("created", editor, ""),
            ("submitted", editor, ""),
            ("returned", reviewer, "重复"),
            ("deleted", reviewer, ""),
        ]


class TestPreview:
    def test_a_draft_is_shown_as_it_would_be_public(self, client: Client, editor: Any) -> None:
        case = make.make_complete_draft(title="还没有发布", approach="做法一段。[^1]")
        response = client.get(f"/admin/cases/initiative/{case.pk}/preview/")
        text = response.content.decode()
        assert "做法一段" in text
        assert 'id="evidence-1"' in text
        assert "预览，未公开（草稿）" in text
        assert 'content="noindex' in text
        assert "no-store" in response["Cache-Control"]
        assert "'self'" in response["Content-Security-Policy"]
        assert response["X-Frame-Options"] == "DENY"
        assert client.get(f"/cases/{case.pk}/").status_code == 404

    def test_an_empty_draft_can_be_previewed(self, client: Client, editor: Any) -> None:
        case = make.make_initiative()
        response = client.get(f"/admin/cases/initiative/{case.pk}/preview/")
        assert "缺 6 项" in response.content.decode()

    def test_saving_can_lead_to_the_preview(self, client: Client, editor: Any) -> None:
        case = make.make_complete_draft()
        response = client.post(change(case), form_of(client, change(case)) | {"_preview": "1"})
        assert response.url == f"/admin/cases/initiative/{case.pk}/preview/"

    def test_what_is_not_there_is_a_404(self, client: Client, reviewer: Any) -> None:
        for page in ("preview", "send-back", "withdraw"):
            assert client.get(f"/admin/cases/initiative/999/{page}/").status_code == 404


class TestList:
    def test_it_shows_what_a_row_is_known_by(self, client: Client, editor: Any) -> None:
        case = make.make_complete_draft(title="潮汐停车", subdistricts=[make.make_subdistrict()])
        public = make.make_published(title="已公开")
        text = client.get(LIST).content.decode()
        assert "徐汇、凌云路街道" in text
        assert '<span class="status status-draft">草稿</span>' in text
        assert f'href="/admin/cases/initiative/{case.pk}/preview/"' in text
        assert f'href="/cases/{public.pk}/"' in text

    def test_it_finds_by_title_summary_and_alias(self, client: Client, editor: Any) -> None:
        make.make_initiative(title="甲案", aliases=["微心愿"])
        make.make_initiative(title="乙案", summary="微心愿的另一个做法")
        make.make_initiative(title="丙案")
        for query, found in {"微心愿": "甲乙", "甲案": "甲", "甲 心愿": "甲", "“": ""}.items():
            text = client.get(LIST, {"q": query}).content.decode()
            assert [name for name in "甲乙丙" if f"{name}案" in text] == list(found)

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("status__exact=review", "待审"),
            ("status__exact=published", "公开"),
            ("scope__exact=全市", "全市"),
            ("desk=mine", "我的"),
        ],
    )
    def test_it_filters(self, client: Client, editor: Any, query: str, found: str) -> None:
        make.make_in_review(title="待审案例")
        make.make_published(title="公开案例")
        make.make_complete_draft(title="全市案例", district=None)
        make.make_initiative(title="我的案例", created_by=editor)
        text = client.get(f"{LIST}?{query}").content.decode()
        titles = [name for name in ("待审", "公开", "全市", "我的") if f"{name}案例" in text]
        assert titles == [found]

    def test_it_filters_by_district_theme_and_topic(self, client: Client, editor: Any) -> None:
        here = make.make_complete_draft(title="这里", themes=("a",), topics=("b",))
        make.make_complete_draft(title="那里", district="pudong", themes=("c",), topics=("d",))
        for query in (
            f"districts__id__exact={here.districts.get().pk}",
            f"themes__id__exact={here.themes.get().pk}",
            f"topics__id__exact={here.topics.get().pk}",
        ):
            text = client.get(f"{LIST}?{query}").content.decode()
            assert "这里" in text
            assert "那里" not in text

    def test_its_queries_do_not_grow_with_its_rows(
        self, client: Client, editor: Any, django_assert_max_num_queries: Callable[..., Any]
    ) -> None:
        for _ in range(30):
            case = make.make_complete_draft(subdistricts=[make.make_subdistrict()])
            make.make_evidence(case, 2)
        with django_assert_max_num_queries(12):
            client.get(LIST)
        with django_assert_max_num_queries(12):
            client.get(LIST, {"q": "案例", "status__exact": "draft"})


def full_case() -> Initiative:
    case = make.make_complete_draft(
        topics=("a", "b", "c"),
        themes=("d", "e"),
        mechanisms=("f", "g"),
        actors=tuple((f"actor-{n}", "参与") for n in range(8)),
        policies=tuple((make.make_policy(), "落实") for _ in range(6)),
        subdistricts=[make.make_subdistrict()],
    )
    for number in range(2, 32):
        evidence = make.make_evidence(case, number)
        make.make_figure(case, evidence=evidence)
    return case


def test_a_large_case_opens_in_few_queries(
    client: Client, reviewer: Any, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    case = full_case()
    with django_assert_max_num_queries(25):
        client.get(change(case))
    publishing.publish(case)
    with django_assert_max_num_queries(25):
        client.get(change(case))


class TestReferences:
    def test_a_source_in_use_is_not_deleted(self, client: Client) -> None:
        client.force_login(make.make_user("reviewer"))
        case = make.make_complete_draft(title="用到它的案例")
        source = case.evidence.get().source
        url = f"/admin/cases/source/{source.pk}/delete/"
        for response in (client.get(url), client.post(url, {"post": "yes"})):
            text = response.content.decode()
            assert "不能删除" in text
            assert "用到它的案例" in text
        assert Source.objects.filter(pk=source.pk).exists()
        unused = make.make_source()
        client.post(f"/admin/cases/source/{unused.pk}/delete/", {"post": "yes"})
        assert not Source.objects.filter(pk=unused.pk).exists()

    @pytest.mark.parametrize(
        "name", ["theme", "topic", "actor", "mechanism", "district", "subdistrict"]
    )
    def test_words_and_places_in_use_are_not_deleted(self, client: Client, name: str) -> None:
        client.force_login(make.make_user("manager"))
        case = make.make_complete_draft(
            title="用到它的案例",
            mechanisms=("sharing",),
            actors=(("street", "牵头"),),
            subdistricts=[make.make_subdistrict()],
        )
        rows = {
            "theme": case.themes.get,
            "topic": case.topics.get,
            "actor": lambda: case.participations.get().actor,
            "mechanism": case.mechanisms.get,
            "district": case.districts.get,
            "subdistrict": case.subdistricts.get,
        }
        word = rows[name]()
        url = reverse(f"admin:cases_{name}_delete", args=[word.pk])
        text = client.post(url, {"post": "yes"}).content.decode()
        assert "不能删除" in text
        assert "用到它的案例" in text
        listing = reverse(f"admin:cases_{name}_changelist")
        selected = {"action": "delete_selected", "_selected_action": [word.pk], "post": "yes"}
        assert "不能删除" in client.post(listing, selected).content.decode()
        assert type(word).objects.filter(pk=word.pk).exists()

    def test_a_word_keeps_the_code_that_addresses_rest_on(self, client: Client) -> None:
        client.force_login(make.make_user("reviewer"))
        topic = make.make_topic()
        url = f"/admin/cases/topic/{topic.pk}/change/"
        data = form_of(client, url)
        assert "slug" not in data
        client.post(url, data | {"slug": "other", "name": "停车"})
        topic.refresh_from_db()
        assert (topic.slug, topic.name) == ("parking", "停车")

    def test_a_source_gets_its_key_by_itself(self, client: Client, editor: Any) -> None:
        url = "/admin/cases/source/add/"
        data = form_of(client, url) | {"title": "一篇报道", "kind": "报纸", "authors": "张三\n李四"}
        client.post(url, data)
        source = Source.objects.get()
        assert source.key.startswith("s-")
        assert source.authors == ["张三", "李四"]

    @pytest.mark.parametrize(
        ("field", "term", "found"),
        [
            ("subdistricts", "凌云", "徐汇·凌云路街道"),
            ("subdistricts", "凌云新村", "徐汇·凌云路街道"),
            ("districts", "xuhui", "徐汇区"),
            ("mechanisms", "错时", "错时共享"),
        ],
    )
    def test_a_box_finds_by_name_code_and_alias(
        self, client: Client, editor: Any, field: str, term: str, found: str
    ) -> None:
        make.make_mechanism()
        make.make_subdistrict().aliases.create(name="凌云新村街道", kind="former")
        query = {"app_label": "cases", "model_name": "initiative", "field_name": field}
        response = client.get("/admin/autocomplete/", query | {"term": term})
        assert [item["text"] for item in response.json()["results"]] == [found]

    def test_a_policy_is_found_by_an_alias(self, client: Client, editor: Any) -> None:
        make.make_policy(title="一号文", aliases=["街道意见"])
        make.make_policy(title="二号文")
        query = {"app_label": "cases", "model_name": "policylink", "field_name": "policy"}
        response = client.get("/admin/autocomplete/", query | {"term": "街道意见"})
        assert [item["text"] for item in response.json()["results"]] == ["一号文"]

    def test_lists_and_boxes_stay_within_few_queries(
        self, client: Client, editor: Any, django_assert_max_num_queries: Callable[..., Any]
    ) -> None:
        for number in range(15):
            street = make.make_subdistrict(f"31010400{number:02}"[:9], f"第{number}街道")
            street.aliases.create(name=f"旧名{number}", kind="former")
            make.make_policy(theme=make.make_theme())
        query = {"app_label": "cases", "model_name": "initiative", "field_name": "subdistricts"}
        with django_assert_max_num_queries(8):
            client.get("/admin/autocomplete/", query | {"term": "街道"})
        for name in ("subdistrict", "placealias", "policydocument", "source", "district"):
            with django_assert_max_num_queries(10):
                client.get(reverse(f"admin:cases_{name}_changelist"))

    def test_a_policy_with_many_statements_opens_in_few_queries(
        self, client: Client, reviewer: Any, django_assert_max_num_queries: Callable[..., Any]
    ) -> None:
        policy = make.make_policy()
        for order in range(20):
            policy.statements.create(
                order=order, kind="measure", text="一条", grade="C", source=make.make_source()
            )
        with django_assert_max_num_queries(10):
            client.get(f"/admin/cases/policydocument/{policy.pk}/change/")

    def test_what_cannot_be_edited_shows_names_and_not_json(
        self, client: Client, editor: Any
    ) -> None:
        policy = make.make_policy(aliases=["1+6", "一号课题"])
        text = client.get(f"/admin/cases/policydocument/{policy.pk}/change/").content.decode()
        assert "1+6<br>一号课题" in text


# --- In the browser ---


class TestInTheBrowser:
    pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

    @pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
    def test_every_page_keeps_the_rules_of_accessibility(
        self, desk: Callable[..., Any], context_for: Callable[..., Any], width: int, scheme: str
    ) -> None:
        case = full_case()
        published = make.make_published()
        pages = [
            "/admin/",
            LIST,
            ADD,
            change(case),
            change(published),
            f"/admin/cases/initiative/{case.pk}/preview/",
            f"/admin/cases/initiative/{published.pk}/withdraw/",
            "/admin/cases/source/add/",
        ]
        page = desk("reviewer", width=width, scheme=scheme)
        found = {}
        for address in pages:
            page.goto(address)
            found[address] = axe_module.axe(page)
        stranger = context_for(width=width, scheme=scheme).new_page()
        stranger.goto("/admin/login/")
        found["/admin/login/"] = axe_module.axe(stranger)
        assert {address: rules for address, rules in found.items() if rules} == {}

    def test_a_row_is_added_and_chosen_on_the_page(self, desk: Callable[..., Any]) -> None:
        case = make.make_complete_draft()
        make.make_source(title="解放日报的报道")
        page = desk("editor")
        page.goto(change(case))
        page.locator("#evidence-group .add-row a").click()
        page.locator("#evidence-2").get_by_role("combobox", name="来源").click()
        page.locator(".select2-search--dropdown input").fill("解放")
        page.get_by_role("option", name="解放日报的报道").click()
        page.locator("#id_evidence-2-grade").select_option("B")
        page.get_by_label("指标").first.fill("车位")
        page.get_by_label("数值").first.fill("12")
        page.get_by_label("单位").first.fill("个")
        page.get_by_label("出处编号").first.fill("2")
        page.get_by_role("button", name="保存", exact=True).click()
        page.get_by_text("成功修改").wait_for()
        figure = Figure.objects.get(initiative=case)
        assert figure.evidence is not None
        assert str(figure.evidence.source) == "解放日报的报道"
