"""The read-only API: the query and the record of the pages, as JSON.

`openapi.py` describes it to programs; nothing is declared there that is declared elsewhere.
"""
