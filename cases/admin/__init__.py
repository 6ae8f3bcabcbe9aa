"""The editors' desk: Django's admin, in the words of the case base."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from . import accounts, initiatives, places, policies, sources, vocabulary

__all__ = ["accounts", "initiatives", "places", "policies", "sources", "vocabulary"]

admin.site.site_header = _("社区治理案例库 · 编辑台")
admin.site.site_title = _("编辑台")
admin.site.index_title = _("编辑台")
