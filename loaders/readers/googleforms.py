"""Google Forms exports: one header row of questions, the first column the time of the answer.

Neither an id nor a zone is given. Choices of one cell are joined by `, ` (in the sheet) or `;` (in
the download of the form), which answers hold too: splitting them is for the config to declare. A
row of a grid is a column of its own: `Question [Row]`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from loaders.amounts import plain_number
from loaders.headers import folded
from loaders.readers.form import Form, Head, Reader
from loaders.readers.shared import Draft, columns, filled, label
from loaders.readers.table import kind_of

_TIMESTAMP = frozenset(
    folded(name)
    for name in (
        *("Timestamp", "时间戳记", "时间戳", "時間戳記", "タイムスタンプ", "타임스탬프"),
        *("Zeitstempel", "Horodateur", "Horodatage", "Marca temporal", "Tijdstempel"),
        *("Carimbo de data/hora", "Informazioni cronologiche"),
        *("Tidstämpel", "Tidsstempel", "Aikaleima", "Sygnatura czasowa", "Časová značka"),
        *("Отметка времени", "Позначка часу", "Zaman damgası", "Dấu thời gian", "Stempel waktu"),
        *("Cap waktu", "ประทับเวลา", "Χρονική σήμανση", "Időbélyeg", "Marcaj de timp"),
    )
)
"""What the first column is called in the languages of Google."""

_WHO = frozenset(
    folded(name)
    for name in (
        *(
            "Email Address",
            "Email",
            "Username",
            "电子邮件地址",
            "电子邮件",
            "用户名",
            "電子郵件地址",
        ),
        *("使用者名稱", "メールアドレス", "ユーザー名", "이메일 주소", "사용자 이름"),
        *("E-Mail-Adresse", "Nutzername", "Benutzername", "Adresse e-mail", "Nom d'utilisateur"),
        *("Dirección de correo electrónico", "Nombre de usuario", "Endereço de e-mail"),
        *("Nome de usuário", "Indirizzo email", "Nome utente", "Адрес электронной почты"),
    )
)
"""The column that the form itself adds where it collects who answers."""

_TIME = re.compile(r"\d{1,4}\D\s?\d{1,2}\D\s?\d{1,4}\D.*\d{1,2}[:.时時]\d{2}.*", re.S)


def _recognise(head: Head) -> str | None:
    first = head[0][0].strip()
    times = filled(head[1:], 0)
    if folded(first) in _TIMESTAMP and all(_TIME.fullmatch(cell.strip()) for cell in times):
        return f"one header row, its first column is {first}"
    return None


def _form(head: Head) -> Form:
    first, *questions = [label(cell) for cell in head[0]]
    drafts = [Draft(first, kind="built_in", role="submitted_at")]
    for question in questions:
        is_who = folded(question) in _WHO
        drafts.append(Draft(question, kind="personal" if is_who else kind_of(question)))
    return Form(columns(drafts, head[0]), status=lambda _: "complete", stray=_stray)


def _stray(cells: Sequence[str]) -> str | None:
    """Sums and means below the answers: numbers alone, without the time that Google writes."""
    if cells[0].strip() or any(plain_number(cell) is None for cell in cells if cell.strip()):
        return None
    return (
        "the row has no time, which Google writes for every response, and holds numbers only: it "
        "sums up others, such as a mean below them. Export without it."
    )


GOOGLEFORMS = Reader(
    name="googleforms",
    expects="its first column is not a Timestamp with dates and times below",
    recognise=_recognise,
    header_rows=lambda _: 1,
    form=_form,
)
