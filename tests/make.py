"""Rows for tests: small functions with defaults and overrides, named for the state they give."""

import itertools
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group

from cases import publishing
from cases.models import (
    Actor,
    Attachment,
    District,
    Evidence,
    Figure,
    Initiative,
    Mechanism,
    Participation,
    PolicyDocument,
    PolicyLink,
    PolicyRelation,
    Source,
    Subdistrict,
    Theme,
    ThemeLink,
    Topic,
    TopicLink,
)

# In names they are padded: `1` is no word of them, whatever a test searches for.
_numbers = itertools.count(1)
# The least that counts as a document.
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\nstartxref\n9\n%%EOF\n"
ROLES = {"editor": "编辑", "reviewer": "审核", "manager": "管理员"}


def make_user(role: str = "", **kw: Any) -> Any:
    """Return a user of a role: editor, reviewer, manager, or "" for one without any."""
    kw.setdefault("username", f"{role or 'visitor'}-{next(_numbers)}")
    password = kw.pop("password", "correct horse battery")
    user = get_user_model().objects.create_user(
        password=password, is_staff=kw.pop("is_staff", bool(role)), **kw
    )
    if role:
        user.groups.add(Group.objects.get(name=ROLES[role]))
    return user


def make_district(slug: str = "xuhui", **kw: Any) -> District:
    known = {
        "xuhui": ("310104", "徐汇区"),
        "pudong": ("310115", "浦东新区"),
        "jingan": ("310106", "静安区"),
        "zhabei": ("310108", "闸北区"),
    }
    code, name = known.get(slug, (f"39{next(_numbers):04}", f"{slug}区"))
    defaults = {"code": code, "name": name, "short_name": name[:2], **kw}
    return District.objects.get_or_create(slug=slug, defaults=defaults)[0]


def make_subdistrict(code: str = "310104015", name: str = "凌云路街道", **kw: Any) -> Subdistrict:
    district = kw.pop("district", None) or make_district("xuhui")
    defaults = {"name": name, "kind": "street", "district": district, **kw}
    return Subdistrict.objects.get_or_create(code=code, defaults=defaults)[0]


def _term(model: Any, slug: str, name: str) -> Any:
    return model.objects.get_or_create(slug=slug, defaults={"name": name})[0]


def make_theme(slug: str = "residential-areas", name: str = "居民区治理") -> Theme:
    return _term(Theme, slug, name)


def make_topic(slug: str = "parking", name: str = "停车与交通") -> Topic:
    return _term(Topic, slug, name)


def make_actor(slug: str = "street", name: str = "街道/镇") -> Actor:
    return _term(Actor, slug, name)


def make_mechanism(slug: str = "sharing", name: str = "错时共享") -> Mechanism:
    return _term(Mechanism, slug, name)


def make_source(**kw: Any) -> Source:
    number = next(_numbers)
    kw.setdefault("key", f"source-{number}")
    kw.setdefault("title", f"来源{number:06}")
    kw.setdefault("kind", "网络新闻")
    return Source.objects.create(**kw)


def make_policy(**kw: Any) -> PolicyDocument:
    number = next(_numbers)
    kw.setdefault("key", f"policy-{number}")
    kw.setdefault("title", f"关于第{number:06}件事的意见")
    return PolicyDocument.objects.create(**kw)


def make_relation(
    document: PolicyDocument, kind: str, target: PolicyDocument, **kw: Any
) -> PolicyRelation:
    """Return that one document 落实, 替代 … another, as an unsourced inference."""
    defaults = {"basis": "推断", "grade": "E"}
    return PolicyRelation.objects.create(
        document=document, kind=kind, target=target, **{**defaults, **kw}
    )


def make_initiative(**kw: Any) -> Initiative:
    """Return an empty draft: nothing but a title."""
    kw.setdefault("title", f"案例{next(_numbers):06}")
    return Initiative.objects.create(**kw)


def make_evidence(initiative: Initiative, number: int = 1, **kw: Any) -> Evidence:
    kw.setdefault("grade", "C")
    if "source" not in kw:
        kw["source"] = make_source()
    return Evidence.objects.create(initiative=initiative, number=number, **kw)


def make_figure(initiative: Initiative, **kw: Any) -> Figure:
    defaults = {"label": "参加人数", "value": 22, "unit": "人"}
    return Figure.objects.create(initiative=initiative, **{**defaults, **kw})


def make_attachment(initiative: Initiative, **kw: Any) -> Attachment:
    """Return the row of a picture; no file is stored."""
    defaults = {"file": f"{next(_numbers):032x}.png", "kind": "image", "alt": "夜间停车"}
    return Attachment.objects.create(initiative=initiative, **{**defaults, **kw})


def make_complete_draft(
    *,
    district: str | None = "xuhui",
    subdistricts: list[Subdistrict] | tuple[()] = (),
    themes: tuple[str, ...] = ("residential-areas",),
    topics: tuple[str, ...] = ("parking",),
    mechanisms: tuple[str, ...] = (),
    actors: tuple[tuple[str, str], ...] = (),
    policies: tuple[tuple[PolicyDocument, str], ...] = (),
    grade: str = "C",
    **kw: Any,
) -> Initiative:
    """Return a draft in which nothing stands in the way of publishing."""
    kw.setdefault("summary", "街道与居民一起解决了一个问题。")
    kw.setdefault("scope", "街镇" if district else "全市")
    kw.setdefault("approach", "居民先商量，再分头去做。[^1]")
    initiative = make_initiative(**kw)
    if district:
        initiative.districts.add(make_district(district))
    initiative.subdistricts.add(*subdistricts)
    for slug in themes:
        ThemeLink.objects.create(
            initiative=initiative, theme=make_theme(slug, slug_name(slug)), basis="推断"
        )
    for position, slug in enumerate(topics, start=1):
        TopicLink.objects.create(
            initiative=initiative, topic=make_topic(slug, slug_name(slug)), position=position
        )
    initiative.mechanisms.add(*(make_mechanism(slug, slug_name(slug)) for slug in mechanisms))
    for slug, role in actors:
        Participation.objects.create(
            initiative=initiative, actor=make_actor(slug, slug_name(slug)), role=role
        )
    for policy, kind in policies:
        PolicyLink.objects.create(initiative=initiative, policy=policy, kind=kind, basis="推断")
    make_evidence(initiative, grade=grade)
    return initiative


NAMES = {"residential-areas": "居民区治理", "parking": "停车与交通", "sharing": "错时共享"}


def slug_name(slug: str) -> str:
    return NAMES.get(slug, slug)


def make_in_review(**kw: Any) -> Initiative:
    initiative = make_complete_draft(**kw)
    publishing.submit(initiative)
    return initiative


def make_published(*, at: Any = None, **kw: Any) -> Initiative:
    initiative = make_complete_draft(**kw)
    publishing.publish(initiative, at=at)
    return initiative


def make_withdrawn(reason: str = "重复收录", **kw: Any) -> Initiative:
    initiative = make_published(**kw)
    publishing.withdraw(initiative, None, reason)
    return initiative
