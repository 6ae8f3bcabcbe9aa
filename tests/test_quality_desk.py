"""The quality desk: what is to be mended, and the way to the field where it is."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from cases import publishing
from cases.models import Event, Initiative, PolicyStatement
from cases.quality_lists import LISTS, Row

from . import make

pytestmark = pytest.mark.django_db

DESK = "/admin/cases/initiative/quality/"


def rows(slug: str) -> list[Row]:
    item = LISTS[slug]
    return item.show(list(item.find()))


def found(slug: str) -> list[tuple[str, list[str]]]:
    return [(row.title, [problem.field for problem in row.problems]) for row in rows(slug)]


class TestLists:
    def test_what_stands_in_the_way_of_publishing(self) -> None:
        make.make_complete_draft(title="齐备的", limits="没有标记")
        publishing.submit(make.make_complete_draft(title="待审的", summary=""))
        make.make_published(title="公开的")
        make.make_complete_draft(title="什么也不缺的")
        assert found("incomplete") == [("待审的", ["summary"]), ("齐备的", ["limits"])]

    def test_every_gap_is_found_and_nothing_else(self) -> None:
        whole = [
            make.make_complete_draft(),
            make.make_complete_draft(district=None),
            make.make_complete_draft(themes=(), theme_note="早于改革"),
            make.make_complete_draft(
                district=None, scope="街镇", subdistricts=[make.make_subdistrict()]
            ),
        ]
        make.make_figure(whole[0], evidence=whole[0].evidence.get())
        wanting = {
            "summary": make.make_complete_draft(summary=""),
            "scope": make.make_complete_draft(scope=""),
            "districts": make.make_complete_draft(district=None, scope="区"),
            "topics": make.make_complete_draft(topics=()),
            "themes": make.make_complete_draft(themes=()),
            "approach": make.make_complete_draft(approach=""),
            "results": make.make_complete_draft(results="没有标记 [^1"),
            "limits": make.make_complete_draft(limits="没有这一条[^7]"),
            "evidence": make.make_complete_draft(approach="没有出处[^1]"),
            "figures": make.make_complete_draft(),
        }
        wanting["evidence"].evidence.all().delete()
        make.make_figure(wanting["figures"])
        assert {row.pk for row in rows("incomplete")} == {row.pk for row in wanting.values()}
        for name, case in wanting.items():
            (row,) = [row for row in rows("incomplete") if row.pk == case.pk]
            assert name in [problem.field for problem in row.problems]

    def test_figures_without_evidence_lead_to_their_row(self) -> None:
        case = make.make_complete_draft(title="案例")
        make.make_figure(case, order=1, evidence=case.evidence.get())
        make.make_figure(case, order=2, label="车位")
        make.make_figure(case, order=2, label="路灯")
        assert found("figures") == [("案例", ["figures-1"]), ("案例", ["figures-2"])]

    def test_sections_without_a_mark(self) -> None:
        make.make_complete_draft(title="案例", results="没有[^x]标记", limits="有标记[^1]")
        make.make_complete_draft()
        assert found("sections") == [("案例", ["results"])]

    def test_marks_without_evidence(self) -> None:
        make.make_complete_draft(title="案例", results="有[^1]没有[^7][^9]")
        make.make_complete_draft()
        assert found("marks") == [("案例", ["results", "results"])]
        assert rows("marks")[0].problems[0].message == "成效 [^7]"

    def test_guesses_lead_to_their_row_and_are_told_once(self) -> None:
        case = make.make_complete_draft(title="案例")
        make.make_evidence(case, 5, grade="E", quotation="大概如此")
        publishing.publish(case)
        publishing.start_revision(case)
        assert found("grade-e") == [("案例", ["evidence-1"])]
        assert rows("grade-e")[0].problems[0].message == "[5] 大概如此"
        policy = make.make_policy(title="意见")
        PolicyStatement.objects.create(
            document=policy, order=1, kind="measure", text="一条", grade="E"
        )
        assert found("policy-grade-e") == [("意见", ["statements"])]

    def test_sources_without_an_archived_copy(self) -> None:
        make.make_source(title="没有存档", url="https://a.example/1")
        make.make_source(url="https://a.example/2", archive_url="https://b.example/2")
        make.make_source(title="一本书")
        assert found("archives") == [("没有存档", ["archive_url"])]

    def test_cases_that_nobody_looked_at_for_a_year(self) -> None:
        long_ago = timezone.now() - timedelta(days=400)
        old = make.make_published(title="旧的", at=long_ago)
        looked = make.make_published(title="看过的", at=long_ago)
        Event.objects.update(at=long_ago)
        publishing.log(looked, Event.Verb.REVISED, None)
        make.make_published(title="新的")
        assert [row.pk for row in rows("stale")] == [old.pk]

    def test_places_and_themes_without_cases(self) -> None:
        make.make_published(subdistricts=[make.make_subdistrict()])
        make.make_subdistrict("310104016", "华泾镇")
        make.make_district("pudong")
        here = make.make_district("jingan")
        make.make_district("zhabei", dissolved="2015", merged_into=here)
        make.make_complete_draft(themes=("grid",), district="pudong")  # not public yet
        assert [row.title for row in rows("districts")] == ["静安区", "浦东新区"]
        assert [row.title for row in rows("subdistricts")] == ["徐汇·华泾镇"]
        assert [row.title for row in rows("themes")] == ["grid"]


class TestPages:
    @pytest.fixture(autouse=True)
    def _editor(self, client: Client) -> None:
        client.force_login(make.make_user("editor"))

    def test_counts_and_rows_agree(self, client: Client) -> None:
        case = make.make_initiative(title="空的草稿")
        make.make_figure(case)
        make.make_evidence(case, grade="E")
        text = client.get(DESK).content.decode()
        for slug, item in LISTS.items():
            assert str(item.title) in text
            count = len(rows(slug))
            assert (f'href="{DESK}{slug}/"' in text) is bool(count)
            assert f"共 {count} 条" in client.get(f"{DESK}{slug}/").content.decode()

    def test_each_row_leads_to_its_field(self, client: Client) -> None:
        case = make.make_complete_draft(summary="", results="没有标记")
        make.make_figure(case)
        make.make_evidence(case, 2, grade="E")
        make.make_source(url="https://a.example/1")
        page = client.get(f"/admin/cases/initiative/{case.pk}/change/").content.decode()
        for slug, anchor in {
            "incomplete": "id_summary",
            "sections": "id_results",
            "figures": "figures-0",
            "grade-e": "evidence-1",
        }.items():
            text = client.get(f"{DESK}{slug}/").content.decode()
            assert f'href="/admin/cases/initiative/{case.pk}/change/#{anchor}"' in text
            assert f'id="{anchor}"' in page
        assert "#id_archive_url" in client.get(f"{DESK}archives/").content.decode()

    def test_they_stay_within_few_queries(
        self, client: Client, django_assert_max_num_queries: Callable[..., Any]
    ) -> None:
        for _ in range(25):
            case = make.make_complete_draft(results="没有标记", limits="[^9]")
            make.make_figure(case)
            make.make_evidence(case, 2, grade="E")
        for page in ("", *(f"{slug}/" for slug in LISTS)):
            with django_assert_max_num_queries(25):
                assert client.get(DESK + page).status_code == 200
        assert "第 1 页，共 2 页" in client.get(f"{DESK}figures/").content.decode()

    def test_a_draft_may_be_half_empty(self, client: Client) -> None:
        case = make.make_initiative()
        assert "请写一两句摘要" in client.get(f"{DESK}incomplete/").content.decode()
        assert Initiative.objects.get() == case
