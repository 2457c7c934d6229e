"""SPSS files: variables with labels for the question, and value labels for the codes.

A code lands with its label as the answer and itself as the number. The variables of a multiple
response set are one question: each stands for one choice (dichotomies), or holds one (categories).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from loaders.headers import unique
from loaders.readers.choices import ONE_OF_SEVERAL
from loaders.readers.form import Column, Form, Reader
from loaders.readers.qualtrics import has_its_columns, judge_of, own_column
from loaders.readers.table import kind_of
from loaders.rows import Variable


def reader_of(variables: Sequence[Variable]) -> Reader:
    """The reader of one file by its dictionary; without one, a reader that recognises nothing."""
    return Reader(
        name="spss",
        expects="it is no SPSS file (.sav)",
        recognise=lambda _: "an SPSS file, whose dictionary says it" if variables else None,
        header_rows=lambda _: 1,
        form=lambda _: _form(variables),
    )


def _form(variables: Sequence[Variable]) -> Form:
    given = [variable.name for variable in variables]
    names = unique(given)
    from_qualtrics = has_its_columns(given)
    columns = []
    for n, variable in enumerate(variables):
        column = _column(n, names[n], variable)
        own = own_column(variable.name) if from_qualtrics else None
        columns.append(column if own is None else replace(column, kind=own[0], role=own[1]))
    sets = list(dict.fromkeys(v.set_name for v in variables if v.set_name))
    notes = []
    if sets:
        notes.append(f"multiple response sets: {', '.join(sets)}")
    if from_qualtrics:
        notes.append("its own columns are Qualtrics'")
    status = judge_of(given) if from_qualtrics else (lambda _: "complete")
    return Form(tuple(columns), status=status, notes=tuple(notes))


def _column(position: int, name: str, variable: Variable) -> Column:
    is_choice = variable.set_name is not None and variable.counted is not None
    is_one_of_several = variable.set_name is not None and variable.counted is None
    own_text = variable.text or name
    set_text = variable.set_text or variable.set_name
    personal = "personal" in (kind_of(variable.name), kind_of(variable.text))
    return Column(
        position=position,
        given=variable.name,
        header=name,
        text=set_text or own_text,
        question_id=variable.set_name or name,
        kind="personal" if personal else "question",
        names=(name, variable.text),
        labels=variable.labels,
        separator=ONE_OF_SEVERAL if is_one_of_several else None,
        choice=own_text if is_choice else None,
        chosen=frozenset({variable.counted}) if is_choice and variable.counted else frozenset(),
    )


SPSS = reader_of(())
"""The format by its name: what a file is read by when its dictionary is known is `reader_of`."""
