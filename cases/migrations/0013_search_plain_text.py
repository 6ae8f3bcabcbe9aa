from django.db import migrations

from cases.search.documents import Document
from cases.search.index import index

BATCH = 500


def build_anew(apps, schema_editor):
    """Fill the index with the texts as readers see them, without the signs of Markdown."""
    alias = schema_editor.connection.alias
    revisions = (
        apps.get_model("cases", "Initiative")
        .objects.using(alias)
        .filter(status="published")
        .order_by("pk")
        .values_list("pk", "current_revision__record")
    )
    target = index(alias)
    target.drop()
    target.create(ready=False)
    last = 0
    while rows := list(revisions.filter(pk__gt=last)[:BATCH]):
        target.add([(pk, Document.of(record)) for pk, record in rows])
        last = rows[-1][0]
    target.make_ready()


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0012_search_tokens"),
    ]

    operations = [
        # The former program would need its own texts: going back takes a `reindex`.
        migrations.RunPython(build_anew, migrations.RunPython.noop),
    ]
