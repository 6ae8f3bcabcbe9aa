from django.db import migrations


class Migration(migrations.Migration):
    """The index was built of other texts; the next migration builds it anew."""

    dependencies = [
        ("cases", "0012_search_tokens"),
    ]

    operations = []
