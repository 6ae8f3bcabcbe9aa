"""What the two engines have in common."""

from contextlib import AbstractContextManager
from typing import Any

from django.db.backends.utils import CursorWrapper

TABLE = "cases_search"


class Engine:
    def __init__(self, connection: Any) -> None:
        self.connection = connection

    def cursor(self) -> AbstractContextManager[CursorWrapper]:
        cursor: AbstractContextManager[CursorWrapper] = self.connection.cursor()
        return cursor

    def ids(self, sql: str, parameters: list[Any]) -> list[int]:
        with self.cursor() as cursor:
            cursor.execute(sql, parameters)
            return [row[0] for row in cursor.fetchall()]
