"""Finding a row by one of its other names, kept as JSON."""

import json
from typing import Any

from django.contrib.admin.options import BaseModelAdmin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.text import smart_split, unescape_string_literal


class AliasSearch(BaseModelAdmin):
    """A mixin: the search box of a ModelAdmin also looks into the JSON list `aliases`."""

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        for bit in smart_split(search_term):
            plain, _ = super().get_search_results(request, queryset, bit)  # type: ignore[misc]
            if bit[0] in "\"'" and bit[0] == bit[-1] and len(bit) > 1:
                bit = unescape_string_literal(bit)
            # SQLite keeps each Chinese character as \uXXXX, PostgreSQL as it is.
            escaped = json.dumps(bit)[1:-1]
            named = Q(aliases__icontains=bit) | Q(aliases__icontains=escaped)
            queryset = plain | queryset.filter(named)
        return queryset, False
