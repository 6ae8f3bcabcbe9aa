"""Words that a searcher means alike."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from cases.models import SynonymSet

from .fields import NameLists
from .spreadsheets import SpreadsheetAdmin


@admin.register(SynonymSet)
class SynonymSetAdmin(NameLists, SpreadsheetAdmin):
    """Sets of some words each, few enough to be read at one go: no search box, no filter."""

    fields = ["words"]
    list_display = ["listed"]
    list_per_page = 200
    show_full_result_count = False

    @admin.display(description=_("同义词"))
    def listed(self, obj: SynonymSet) -> str:
        return str(obj)
