from django.db import migrations


class Migration(migrations.Migration):
    """The index got another shape; the next migration builds it anew."""

    dependencies = [
        ("cases", "0013_search_plain_text"),
    ]

    operations = []
