"""Which other cases a reader of one case may want, and why."""

from dataclasses import dataclass

from .facets import Snapshot
from .records import Record, load

MOST = 6


@dataclass(frozen=True)
class Related:
    """Another published case and what it shares with the one in hand."""

    case: Record
    reason: str


def cases(record: Record, snapshot: Snapshot) -> list[Related]:
    """Return up to six published cases, the strongest reason first: one query.

    A case is named once, with the first of: same street, same main topic and a mechanism
    in common, same main topic, same mechanism, same theme in the same district.
    """
    own = record["id"]
    topic = record["topics"][0] if record["topics"] else None
    on_topic = snapshot.having("topic", topic["slug"]) if topic else None
    reasons = [
        (snapshot.having("subdistrict", place["code"]), f"同在{place['name']}")
        for place in record["subdistricts"]
    ]
    for mechanism in record["mechanisms"]:
        alike = snapshot.having("mechanism", mechanism["slug"])
        if topic and on_topic is not None:
            why = f"同一议题“{topic['name']}”，同用“{mechanism['name']}”"
            reasons.append((alike & on_topic, why))
    if topic and on_topic is not None:
        reasons.append((on_topic, f"同一议题“{topic['name']}”"))
    for mechanism in record["mechanisms"]:
        alike = snapshot.having("mechanism", mechanism["slug"])
        reasons.append((alike, f"同用“{mechanism['name']}”"))
    for theme in record["themes"]:
        for district in record["districts"]:
            nearby = snapshot.having("theme", theme["slug"]) & snapshot.having(
                "district", district["slug"]
            )
            reasons.append((nearby, f"同在{district['name']}，同属“{theme['name']}”"))
    why_of: dict[int, str] = {}
    for found, why in reasons:
        for pk in found[-MOST - len(why_of) - 1 :][::-1]:
            if pk != own and pk not in why_of and len(why_of) < MOST:
                why_of[pk] = why
    return [Related(case, why_of[case["id"]]) for case in load(list(why_of))]
