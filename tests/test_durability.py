"""A process that is killed while it publishes leaves nothing half done."""

import os
import random
import subprocess
import sys
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from pyroaring import BitMap

from cases import facets
from cases.models import Bitmap, Initiative, Revision
from cases.search.index import index
from cases.search.text import Phrase

from . import make

pytestmark = pytest.mark.django_db(transaction=True)
DRAFTS = 200


def address() -> str:
    """Return the test database as DATABASE_URL names it."""
    known: dict[str, Any] = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{known['NAME']}"
    user = f"{known['USER']}:{known['PASSWORD']}@" if known["USER"] else ""
    host = known["HOST"]
    if host.startswith("/"):
        return f"postgres://{user}/{known['NAME']}?host={host}"
    port = f":{known['PORT']}" if known["PORT"] else ""
    return f"postgres://{user}{host}{port}/{known['NAME']}"


def test_every_publication_that_was_acknowledged_is_whole_and_no_other_is_half_there() -> None:
    index().drop()
    index().create()
    drafts = [make.make_complete_draft(title=f"潮汐停车{number}").pk for number in range(DRAFTS)]
    draw = random.Random(4)  # noqa: S311 - a fixed spread, not a secret
    acknowledged: list[int] = []
    left = drafts
    kills = 0
    while left:
        with subprocess.Popen(
            [sys.executable, "-m", "tests.publisher", *map(str, left)],
            cwd=settings.BASE_DIR,
            env={
                **os.environ,
                "DATABASE_URL": address(),
                "DJANGO_SETTINGS_MODULE": "governance.settings",
            },
            stdout=subprocess.PIPE,
            text=True,
        ) as worker:
            stop_after = draw.randint(10, 60)
            for line in worker.stdout or ():
                acknowledged.append(int(line))
                stop_after -= 1
                if stop_after == 0:
                    worker.kill()
                    kills += 1
        done = set(Initiative.objects.published().values_list("pk", flat=True))
        assert set(acknowledged) <= done
        check(done)
        left = [pk for pk in drafts if pk not in done]
    assert kills >= 3


def check(done: set[int]) -> None:
    assert set(Revision.objects.values_list("initiative_id", flat=True)) == done
    stored = BitMap()
    for row in Bitmap.objects.filter(facet="all"):
        stored |= BitMap.deserialize(bytes(row.bits))
    assert set(stored) == done
    assert set(BitMap.union(*index().find(Phrase.of("潮汐停车")))) == done
    facets.store.clear()
    assert set(facets.current().having("district", "xuhui")) == done
