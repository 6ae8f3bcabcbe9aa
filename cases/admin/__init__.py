"""The editors' desk: Django's admin, in the words of the case base."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from . import (
    accounts,
    collections,
    history,
    initiatives,
    places,
    policies,
    sources,
    synonyms,
    vocabulary,
)

__all__ = [
    "accounts",
    "collections",
    "history",
    "initiatives",
    "places",
    "policies",
    "sources",
    "synonyms",
    "vocabulary",
]

admin.site.site_header = _("社区治理案例库 · 编辑台")
admin.site.site_title = _("编辑台")
admin.site.index_title = _("编辑台")
