"""Which questions of a form ask who somebody is: told by their headers and by what they hold."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain, islice

from lake.privacy import mask_text, personal_kind
from loaders.readers.form import Column, Form
from loaders.rows import Table

SAMPLED_ROWS = 200
"""So many rows of a file are looked at for columns that tell who somebody is."""


def without_people(form: Form, table: Table) -> Form:
    """The form, its questions that ask who somebody is marked as personal: they do not land.

    They are known by their headers and by the first rows, which the table gives again.
    """
    rows = list(islice(table.rows, SAMPLED_ROWS))
    table.rows = chain(rows, table.rows)
    sample = [row.cells for row in rows if row.fault is None]

    def judged(column: Column) -> Column:
        if column.kind != "question" or not column.text.strip():
            return column
        values = [column.value(cells) for cells in sample]
        kinds = {personal_kind(name, values) for name in {column.text, column.given}} - {None}
        if mask_text(f"{column.text} {column.question_id}")[1]:  # the first row is no header
            kinds.add("header")
        return replace(column, kind="personal") if kinds else column

    return replace(form, columns=tuple(map(judged, form.columns)))
