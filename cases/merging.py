"""What the record of one case becomes when a duplicate of it is joined to it."""

from typing import Any

from .records import Record


def joined(record: Record, other: Record) -> Record:
    """Return `record` with what `other` adds: names, places, words, evidence and its figures."""
    offset = max((item["number"] for item in record["evidence"]), default=0)
    names = [*record["aliases"], other["title"], *other["aliases"]]
    result = record | {
        "aliases": [n for n in dict.fromkeys(names) if n != record["title"]],
        "evidence": record["evidence"]
        + [item | {"number": item["number"] + offset} for item in other["evidence"]],
        "figures": record["figures"]
        + [
            item | {"evidence": item["evidence"] and item["evidence"] + offset}
            for item in other["figures"]
        ],
        "sources": record["sources"] + other["sources"],
    }
    # Versions from before there were attachments do not have the key.
    result["attachments"] = record.get("attachments", []) + other.get("attachments", [])
    for key, name in (
        ("districts", "slug"),
        ("subdistricts", "code"),
        ("themes", "slug"),
        ("mechanisms", "slug"),
    ):
        known = {item[name] for item in record[key]}
        result[key] = record[key] + [item for item in other[key] if item[name] not in known]
    known_policies = {(item["key"], item["kind"]) for item in record["policies"]}
    result["policies"] = record["policies"] + [
        item for item in other["policies"] if (item["key"], item["kind"]) not in known_policies
    ]
    return result


def lost(before: Record, after: Record, other: Record) -> int:
    """Return how many pieces of evidence that came from `other` are in `before`, not in `after`."""
    return len((_passages(before) & _passages(other)) - _passages(after))


def _passages(record: Record) -> set[tuple[Any, ...]]:
    return {(e["source"], e["locator"], e["quotation"]) for e in record["evidence"]}
