"""The files that the demo company drops: survey exports and extracts, with their dirty rows.

`landing_files` is pure; bytes are made here too, so that the same company gives the same bytes.
"""

from __future__ import annotations

import csv
import io
import random
import re
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from openpyxl import Workbook

from demo.dirt import Cell, Row, changed, first_clean, insert
from demo.surveys import DELIVERY_NPS, DRIVERS, STORE_NPS
from demo.world import CUTOFF, Company, Order, Response, local, stream

FUTURE = local(2062, 9, 11, 12, 30)
"""2026 with its digits swapped: a date no export can hold."""
UNKNOWN_CUSTOMER = "C999999"
ORDER_HEADERS = {
    "order_id": "订单号",
    "customer_id": "会员号",
    "ordered_at": "下单时间",
    "unit_id": "门店编号",
    "channel": "渠道",
    "amount": "实付金额",
    "margin": "毛利",
    "status": "订单状态",
    "cancelled_at": "取消时间",
    "refunded_at": "退款时间",
}
"""Our column: the header in the company's order exports (also written to extracts.yml)."""
_NOTE_HEADER = "备注"
LINE_HEADERS = {
    "order_id": "订单号",
    "product_id": "商品编号",
    "line_no": "行号",
    "quantity": "数量",
    "amount": "金额",
}
"""The headers of the tills' order lines (also in extracts.yml)."""
AUDIT_HEADERS = {
    "unit_id": "门店编号",
    "visited_at": "巡店时间",
    "item": "检查项",
    "class": "类别",
    "score": "得分",
}
"""The headers of the audits' sheet (also in extracts.yml)."""
DELIVERY_HEADERS = {
    "response_id": "答卷编号",
    "customer_id": "会员号",
    "invitation_id": "邀请编号",
    "started_at": "开始答题时间",
    "submitted_at": "提交答卷时间",
    "unit_id": "门店编号",
    "nps": "您有多大可能向朋友推荐云雾茶外卖？（0-10）",
    "on_time": "送达准时",
    "packaging": "包装完好",
    "taste": "口味",
    "price": "价格",
    "comment": "请说说您打分的原因",
    "device": "设备编号",
}
"""Our role or driver: the header in the delivery survey's workbook (also in surveys.yml)."""


@dataclass(frozen=True)
class LandingFile:
    """One file below the deployment's folder: its header rows, its data rows, how it is written.

    `path` is relative to the deployment's folder; `source` the lake's source id; `entity` the
    lake's entity. `encoding` is a Python codec name, None for a workbook.
    """

    path: str
    source: str
    entity: str
    headers: tuple[tuple[str, ...], ...]
    rows: tuple[Row, ...]
    encoding: str | None = "utf-8"
    newline: str = "\n"

    def content(self) -> bytes:
        """The exact bytes."""
        return self._workbook() if self.encoding is None else self._text().encode(self.encoding)

    def lines(self) -> list[int]:
        """The 1-based physical line on which each data row starts: a cell may break lines."""
        line = 1 + sum(_height(header) for header in self.headers)
        starts = []
        for row in self.rows:
            starts.append(line)
            line += 1 if self.encoding is None else _height(row.cells)
        return starts

    def _text(self) -> str:
        out = io.StringIO(newline="")
        writer = csv.writer(out, lineterminator=self.newline)
        writer.writerows(self.headers)
        writer.writerows([_shown(cell) for cell in row.cells] for row in self.rows)
        return out.getvalue()

    def _workbook(self) -> bytes:
        book = Workbook(write_only=True)
        sheet = book.create_sheet("答卷数据")
        for header in self.headers:
            sheet.append(header)
        for row in self.rows:
            sheet.append(row.cells)
        raw = io.BytesIO()
        book.save(raw)
        return _without_clock(raw)


def _shown(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return f"{cell:%Y-%m-%d %H:%M:%S}"
    return f"{cell:.2f}" if isinstance(cell, float) else str(cell)


def _height(cells: Iterable[Cell]) -> int:
    return 1 + sum(cell.count("\n") for cell in cells if isinstance(cell, str))


_CLOCKS = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")
_ZIP_TIME = (2026, 10, 1, 0, 5, 0)


def _without_clock(raw: io.BytesIO) -> bytes:
    """The workbook with the export's fixed time in place of the moment it was made."""
    out = io.BytesIO()
    with zipfile.ZipFile(raw) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in sorted(old.namelist(), key=lambda n: (n != "[Content_Types].xml", n)):
            body = old.read(name)
            if name == "docProps/core.xml":
                body = _CLOCKS.sub(rb"\g<1>2026-10-01T00:05:00Z", body)
            entry = zipfile.ZipInfo(name, _ZIP_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(entry, body)
    return out.getvalue()


def landing_files(company: Company) -> list[LandingFile]:
    """Every file of the demo's landing folder, in the order of their paths."""
    makers: tuple[Callable[[Company], list[LandingFile]], ...] = (
        _customers,
        _customer_links,
        _units,
        _touchpoints,
        _orders,
        _journey_events,
        _invitations,
        _cases,
        _case_events,
        _products,
        _order_lines,
        _employees,
        _contacts,
        _audits,
        _store_survey,
        _delivery_survey,
    )
    return sorted((file for make in makers for file in make(company)), key=lambda file: file.path)


def _extract(
    entity: str,
    name: str,
    header: tuple[str, ...],
    rows: list[Row],
    *,
    encoding: str = "utf-8",
    newline: str = "\n",
) -> LandingFile:
    path = f"landing/extracts/{entity}/{name}.csv"
    return LandingFile(path, f"extract_{entity}", entity, (header,), tuple(rows), encoding, newline)


def _dirt(company: Company, part: str) -> random.Random:
    return stream(company.seed, f"dirt:{part}")


def _yes(value: bool) -> str:
    return "true" if value else "false"


def _customers(company: Company) -> list[LandingFile]:
    rng = _dirt(company, "customers")
    header = (
        "customer_id",
        "signup_at",
        "unit_id",
        "region",
        "segment",
        "consent",
        "phone",
        "email",
    )
    rows = [
        Row(
            (
                c.customer_id,
                c.signup_at,
                c.unit_id,
                c.region,
                c.segment,
                _yes(c.consent),
                c.phone,
                c.email,
            )
        )
        for c in company.customers
    ]
    for place in first_clean(rng, rows, 2):
        rows.append(Row(rows[place].cells, "exact_copy"))
    insert(rng, rows, changed(rows[3], "missing_required", {0: ""}))
    return [_extract("customers", "customers_2026-09-30", header, rows)]


def _customer_links(company: Company) -> list[LandingFile]:
    header = ("customer_id", "other_id", "occurred_at", "kind")
    rows = [
        Row((link.customer_id, link.other_id, link.occurred_at, link.kind))
        for link in company.customer_links
    ]
    return [_extract("customer_links", "customer_links", header, rows)]


def _units(company: Company) -> list[LandingFile]:
    header = (
        "unit_id",
        "name",
        "kind",
        "parent_unit_id",
        "brand",
        "is_competitor",
        "region",
        "opened_on",
        "hours",
    )
    rows = [
        Row(
            (
                u.unit_id,
                u.name,
                u.kind,
                u.parent_unit_id,
                u.brand,
                _yes(u.is_competitor),
                u.region,
                u.opened_on.isoformat(),
                u.hours,
            )
        )
        for u in company.units
    ]
    return [_extract("units", "units", header, rows, encoding="utf-8-sig")]


def _touchpoints(company: Company) -> list[LandingFile]:
    header = (
        "touchpoint_id",
        "name",
        "stage",
        "scenario",
        "mode",
        "is_mot",
        "desired_score",
        "owner_unit_id",
    )
    rows = [
        Row(
            (
                t.touchpoint_id,
                t.name,
                t.stage,
                t.scenario,
                t.mode,
                _yes(t.is_mot),
                str(t.desired_score),
                t.owner_unit_id,
            )
        )
        for t in company.touchpoints
    ]
    return [_extract("touchpoints", "touchpoints", header, rows)]


_GBK_REGION = "西南"


def _orders(company: Company) -> list[LandingFile]:
    """A file per month; the Southwest's till is older and exports its own, in GBK.

    Late refunds and copies at the turn of the month cross files: the later file has the last word.
    """
    rng = _dirt(company, "orders")
    months: dict[str, list[Row]] = {}
    legacy: list[Row] = []
    for order in company.orders:
        if order.region == _GBK_REGION:
            legacy.append(_order_row(order))
        else:
            months.setdefault(f"{order.ordered_at:%Y-%m}", []).append(_order_row(order))
    _order_dirt(rng, months, legacy)
    legacy = [Row(tuple(_slashed(cell) for cell in row.cells), row.dirt) for row in legacy]
    header = (*ORDER_HEADERS.values(), _NOTE_HEADER)
    files = [
        _extract("orders", f"orders_{month}", header, rows, encoding="utf-8-sig", newline="\r\n")
        for month, rows in months.items()
    ]
    southwest = _extract(
        "orders", "orders_southwest_pos", header, legacy, encoding="gb18030", newline="\r\n"
    )
    return [*files, southwest]


def _slashed(cell: Cell) -> Cell:
    """The old till writes 2026/04/01 12:31:05."""
    return f"{cell:%Y/%m/%d %H:%M:%S}" if isinstance(cell, datetime) else cell


def _order_row(o: Order) -> Row:
    return Row(
        (
            o.order_id,
            o.customer_id,
            o.ordered_at,
            o.unit_id,
            o.channel,
            o.amount,
            o.margin,
            o.status,
            o.cancelled_at,
            o.refunded_at,
            o.note,
        )
    )


def _order_dirt(rng: random.Random, months: dict[str, list[Row]], legacy: list[Row]) -> None:
    names = list(months)
    may, june, july = months[names[1]], months[names[2]], months[names[3]]
    september = months[names[-1]]
    for place in _completed(rng, may, 3):  # refunded weeks later: the June file says so
        row = may[place]
        may[place] = Row(row.cells, "replaced_later")
        june.append(changed(row, "", {7: "refunded", 9: local(2026, 6, 11, 16, 20)}))
    july += [Row(june[place].cells, "exact_copy") for place in _completed(rng, june, 4)]
    base = september[5]
    for n in range(3):
        values: dict[int, Cell] = {0: f"YW-guest-{n + 1:03d}", 1: UNKNOWN_CUSTOMER}
        insert(rng, september, changed(base, "unknown_customer", values))
    for n in range(5):
        insert(
            rng,
            september,
            changed(base, "unmapped_channel", {0: f"YW-kiosk-{n + 1:03d}", 4: "kiosk"}),
        )
    late = CUTOFF + timedelta(minutes=20)
    september.append(changed(base, "after_cutoff", {0: "YW-late-001", 2: late}))
    for n in range(2):
        insert(rng, july, changed(base, "future_timestamp", {0: f"YW-2062-{n + 1:03d}", 2: FUTURE}))
    for n in range(2):  # an amount with its thousands comma, not quoted: one field too many
        amount = ("1", "280.00")
        cells = (f"YW-comma-{n + 1:03d}", *base.cells[1:5], *amount, *base.cells[6:10], "少冰")
        insert(rng, june, Row(cells, "wrong_field_count"))
    insert(rng, legacy, changed(legacy[9], "bad_number", {0: "YW-word-001", 5: "三十八元"}))
    insert(
        rng, legacy, changed(legacy[9], "bad_timestamp", {0: "YW-time-001", 2: "2026/13/45 10:00"})
    )
    insert(rng, may, changed(may[9], "missing_required", {0: "YW-void-001", 5: ""}))


def _completed(rng: random.Random, rows: list[Row], number: int) -> list[int]:
    fit = [n for n, row in enumerate(rows) if row.cells[7] == "completed" and not row.dirt]
    return sorted(rng.sample(fit, number))


def _journey_events(company: Company) -> list[LandingFile]:
    rng = _dirt(company, "journey_events")
    header = (
        "event_id",
        "customer_id",
        "touchpoint_id",
        "occurred_at",
        "unit_id",
        "channel",
        "order_id",
        "outcome",
        "wait_minutes",
    )
    quarters: dict[str, list[Row]] = {"2026q2": [], "2026q3": []}
    for e in company.journey_events:
        wait = None if e.wait_minutes is None else f"{e.wait_minutes:.1f}"
        quarters["2026q2" if e.occurred_at.month <= 6 else "2026q3"].append(
            Row(
                (
                    e.event_id,
                    e.customer_id,
                    e.touchpoint_id,
                    e.occurred_at,
                    e.unit_id,
                    e.channel,
                    e.order_id,
                    e.outcome,
                    wait,
                )
            )
        )
    second, third = quarters["2026q2"], quarters["2026q3"]
    for n in range(2):
        insert(
            rng, second, changed(second[7], "bad_number", {0: f"je_word_{n + 1}", 8: "约10分钟"})
        )
    insert(rng, third, changed(third[7], "future_timestamp", {0: "je_2062_1", 3: FUTURE}))
    insert(rng, third, changed(third[7], "unknown_touchpoint", {0: "je_old_1", 2: "tp_old_kiosk"}))
    quarters["2026q4"] = []  # the new quarter's file is there before its first event
    return [
        _extract("journey_events", f"journey_events_{name}", header, rows)
        for name, rows in quarters.items()
    ]


def _invitations(company: Company) -> list[LandingFile]:
    rng = _dirt(company, "invitations")
    header = (
        "invitation_id",
        "survey_id",
        "customer_id",
        "sent_at",
        "channel",
        "delivered_at",
        "opened_at",
        "started_at",
        "completed_at",
        "incentive",
    )
    rows = [
        Row(
            (
                i.invitation_id,
                i.survey_id,
                i.customer_id,
                i.sent_at,
                i.channel,
                i.delivered_at,
                i.opened_at,
                i.started_at,
                i.completed_at,
                i.incentive,
            )
        )
        for i in company.invitations
    ]
    for place in first_clean(rng, rows, 2):
        rows.append(Row(rows[place].cells, "exact_copy"))
    insert(rng, rows, changed(rows[11], "bad_timestamp", {0: "inv_word_1", 3: "昨天下午三点"}))
    return [_extract("invitations", "invitations_2026", header, rows)]


def _cases(company: Company) -> list[LandingFile]:
    rng = _dirt(company, "cases")
    header = (
        "case_id",
        "created_at",
        "customer_id",
        "order_id",
        "unit_id",
        "channel",
        "issue",
        "amount",
        "priority",
        "appeal",
        "text",
        "phone",
    )
    rows = [
        Row(
            (
                c.case_id,
                c.created_at,
                c.customer_id,
                c.order_id,
                c.unit_id,
                c.channel,
                c.issue,
                c.amount,
                c.priority,
                c.appeal,
                c.text,
                c.phone,
            )
        )
        for c in company.cases
    ]
    insert(rng, rows, changed(rows[2], "missing_required", {0: "case_void_1", 1: ""}))
    insert(rng, rows, changed(rows[2], "bad_number", {0: "case_word_1", 7: "两百块"}))
    return [_extract("cases", "cases", header, rows)]


def _case_events(company: Company) -> list[LandingFile]:
    rng = _dirt(company, "case_events")
    header = ("event_id", "case_id", "type", "occurred_at", "actor_kind", "owner_unit_id")
    rows = []
    for e in company.case_events:
        late = "after_cutoff" if e.occurred_at >= CUTOFF else ""
        rows.append(
            Row((e.event_id, e.case_id, e.type, e.occurred_at, e.actor_kind, e.owner_unit_id), late)
        )
    insert(rng, rows, changed(rows[4], "bad_timestamp", {0: "ce_word_1", 3: "30/02/2026"}))
    return [_extract("case_events", "case_events", header, rows)]


def _products(company: Company) -> list[LandingFile]:
    header = ("product_id", "name", "category")
    rows = [Row((p.product_id, p.name, p.category)) for p in company.products]
    return [_extract("products", "products", header, rows, encoding="utf-8-sig")]


def _order_lines(company: Company) -> list[LandingFile]:
    rng = _dirt(company, "order_lines")
    rows = [
        Row((line.order_id, line.product_id, line.line_no, line.quantity, f"￥{line.amount:.2f}"))
        for line in company.order_lines
    ]
    for place in first_clean(rng, rows, 3):
        rows.append(Row(rows[place].cells, "exact_copy"))
    header = tuple(LINE_HEADERS.values())
    return [_extract("order_lines", "order_lines_2026-09-30", header, rows, newline="\r\n")]


def _employees(company: Company) -> list[LandingFile]:
    rng = _dirt(company, "employees")
    header = ("employee_id", "unit_id", "role")
    rows = [Row((e.employee_id, e.unit_id, e.role)) for e in company.employees]
    insert(rng, rows, changed(rows[2], "missing_required", {0: "E9001", 1: ""}))
    return [_extract("employees", "employees", header, rows)]


def _contacts(company: Company) -> list[LandingFile]:
    header = (
        "contact_id",
        "customer_id",
        "channel",
        "started_at",
        "actor_kind",
        "wait_seconds",
        "resolved",
        "case_id",
    )
    rows = [
        Row(
            (
                c.contact_id,
                c.customer_id,
                c.channel,
                c.started_at,
                c.actor_kind,
                f"{c.wait_seconds}秒",
                "是" if c.resolved else "否",
                c.case_id,
            )
        )
        for c in company.contacts
    ]
    return [_extract("contacts", "contacts_2026-09-30", header, rows)]


def _audits(company: Company) -> list[LandingFile]:
    """A score is a word once, which is none; and one was put right at the end of the sheet."""
    rng = _dirt(company, "audits")
    rows = [Row((a.unit_id, a.visited_at, a.item, a.word, a.score)) for a in company.audits]
    corrected = rows[0]
    rows[0] = Row((*corrected.cells[:4], 1.0), "replaced_later")
    rows.append(corrected)
    insert(rng, rows, changed(rows[7], "bad_number", {2: "冷柜温度", 4: "优"}))
    header = tuple(AUDIT_HEADERS.values())
    return [_extract("qsc_audits", "巡店_2026-09", header, rows, encoding="utf-8-sig")]


_QUALTRICS = (
    ("StartDate", "Start Date", "startDate"),
    ("EndDate", "End Date", "endDate"),
    ("Status", "Response Type", "status"),
    ("IPAddress", "IP Address", "ipAddress"),
    ("Progress", "Progress", "progress"),
    ("Duration (in seconds)", "Duration (in seconds)", "duration"),
    ("Finished", "Finished", "finished"),
    ("RecordedDate", "Recorded Date", "recordedDate"),
    ("ResponseId", "Response ID", "_recordId"),
    ("RecipientLastName", "Recipient Last Name", "recipientLastName"),
    ("RecipientFirstName", "Recipient First Name", "recipientFirstName"),
    ("RecipientEmail", "Recipient Email", "recipientEmail"),
    ("ExternalReference", "External Data Reference", "externalDataReference"),
    ("LocationLatitude", "Location Latitude", "locationLatitude"),
    ("LocationLongitude", "Location Longitude", "locationLongitude"),
    ("DistributionChannel", "Distribution Channel", "distributionChannel"),
    ("UserLanguage", "User Language", "userLanguage"),
    (
        "Q1_NPS_GROUP",
        "您有多大可能向朋友推荐云雾茶？\nHow likely are you to recommend us? - Group",
        "QID1_NPS_GROUP",
    ),
    ("Q1_NPS", "您有多大可能向朋友推荐云雾茶？\nHow likely are you to recommend us?", "QID1"),
    ("Q3_CSAT", "今天的到店体验您满意吗？How satisfied were you today?", "QID3"),
    ("Q5_1", "请给各项打分 - 口味 Taste", "QID5_1"),
    ("Q5_2", "请给各项打分 - 出杯速度 Speed", "QID5_2"),
    ("Q5_3", "请给各项打分 - 服务 Staff", "QID5_3"),
    ("Q5_4", "请给各项打分 - 卫生 Cleanliness", "QID5_4"),
    ("Q5_5", "请给各项打分 - 价格 Price", "QID5_5"),
    ("Q2", "最想告诉我们的是？\nWhat is the main reason for your score?", "QID2_TEXT"),
    ("store_id", "store_id", "store_id"),
    ("touchpoint", "touchpoint", "touchpoint"),
    ("channel", "channel", "channel"),
    ("invitation_id", "invitation_id", "invitation_id"),
)
"""Column name, question text and import id: the three header rows of a Qualtrics export."""


def _import_id(name: str) -> str:
    zone = ',"timeZone":"Asia/Shanghai"' if name.endswith("Date") else ""
    return f'{{"ImportId":"{name}"{zone}}}'


def _store_survey(company: Company) -> list[LandingFile]:
    rng = _dirt(company, "store_survey")
    names = stream(company.seed, "names")
    mails = {c.customer_id: c.email for c in company.customers}
    rows = [
        Row(_qualtrics_row(names, answer, mails))
        for answer in company.responses
        if answer.survey_id == STORE_NPS
    ]
    kept = _kept(company)
    _repeat_answers(rng, rows, id_cell=8, score_cell=18, customer_cell=12, kept=kept)
    base = rows[6]
    late = CUTOFF + timedelta(minutes=30)
    values: dict[int, Cell] = {0: late - timedelta(seconds=90), 1: late, 7: late, 8: "R_late0001"}
    rows.append(changed(base, "after_cutoff", values))
    insert(rng, rows, changed(base, "future_timestamp", {1: FUTURE, 8: "R_future01"}))
    insert(rng, rows, changed(base, "bad_timestamp", {1: "2026-02-30 10:11:12", 8: "R_badtime1"}))
    cells = (*base.cells[:8], "R_short001", *base.cells[9:20])
    insert(rng, rows, Row(cells, "wrong_field_count"))
    headers = (
        tuple(column[0] for column in _QUALTRICS),
        tuple(column[1] for column in _QUALTRICS),
        tuple(_import_id(column[2]) for column in _QUALTRICS),
    )
    path = f"landing/surveys/{STORE_NPS}/store_nps_2026-09-30.csv"
    return [
        LandingFile(
            path, f"survey_{STORE_NPS}", "survey_response", headers, tuple(rows), "utf-8-sig"
        )
    ]


_FAMILY_NAMES = ("王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴")
_GIVEN_NAMES = ("伟", "芳", "娜", "敏", "静", "磊", "洋", "艳", "勇", "杰")


def _qualtrics_row(
    names: random.Random, answer: Response, mails: dict[str, str]
) -> tuple[Cell, ...]:
    known = bool(answer.customer_id)
    group = ""
    if answer.nps.isdigit() and int(answer.nps) <= 10:
        score = int(answer.nps)
        group = "Promoter" if score >= 9 else "Passive" if score >= 7 else "Detractor"
    return (
        answer.started_at,
        answer.submitted_at,
        answer.status,
        answer.device,
        100 if answer.finished else names.choice((20, 40, 60)),
        answer.duration_seconds,
        "True" if answer.finished else "False",
        answer.submitted_at + timedelta(seconds=1),
        answer.response_id,
        names.choice(_FAMILY_NAMES) if known else "",
        names.choice(_GIVEN_NAMES) if known else "",
        answer.email or mails.get(answer.customer_id, ""),
        answer.customer_id,
        f"{names.uniform(22, 40):.6f}",
        f"{names.uniform(103, 122):.6f}",
        "email" if answer.channel == "email" else "anonymous",
        "ZH-S" if answer.language == "zh" else "EN",
        group,
        answer.nps,
        answer.csat,
        *(answer.drivers.get(driver) for driver in DRIVERS[STORE_NPS]),
        answer.comment,
        answer.unit_id,
        answer.touchpoint_id,
        answer.channel,
        answer.invitation_id,
    )


def _delivery_survey(company: Company) -> list[LandingFile]:
    rng = _dirt(company, "delivery_survey")
    rows = [
        Row(_delivery_row(answer))
        for answer in company.responses
        if answer.survey_id == DELIVERY_NPS
    ]
    _repeat_answers(rng, rows, id_cell=0, score_cell=6, customer_cell=1, kept=_kept(company))
    insert(rng, rows, changed(rows[4], "bad_timestamp", {0: "Dbadtime1", 4: "昨天下午"}))
    insert(rng, rows, changed(rows[4], "future_timestamp", {0: "Dfuture01", 4: FUTURE}))
    path = f"landing/surveys/{DELIVERY_NPS}/外卖满意度_2026-09-30.xlsx"
    headers = (tuple(DELIVERY_HEADERS.values()),)
    return [
        LandingFile(path, f"survey_{DELIVERY_NPS}", "survey_response", headers, tuple(rows), None)
    ]


def _delivery_row(answer: Response) -> tuple[Cell, ...]:
    """Scores are numbers as a form tool writes them; only what isn't one stays text."""
    score: Cell = answer.nps or None
    if answer.nps.isdigit():
        score = int(answer.nps)
    elif answer.nps == "7.5":
        score = 7.5
    return (
        answer.response_id,
        answer.customer_id,
        answer.invitation_id,
        answer.started_at,
        answer.submitted_at,
        answer.unit_id,
        score,
        *(answer.drivers.get(driver) for driver in DRIVERS[DELIVERY_NPS]),
        answer.comment or None,
        answer.device,
    )


def _kept(company: Company) -> set[str]:
    """Responses that play a part: no copy or change may touch them."""
    parts = company.landmarks
    return {*parts.induced_responses, *parts.twice_responses}


def _repeat_answers(
    rng: random.Random,
    rows: list[Row],
    *,
    id_cell: int,
    score_cell: int,
    customer_cell: int,
    kept: set[str],
) -> None:
    """Two answers exported twice, and two changed afterwards: the same id with another score."""
    fit = [
        n
        for n, row in enumerate(rows)
        if str(row.cells[score_cell]) in ("9", "10")
        and row.cells[customer_cell]
        and str(row.cells[id_cell]) not in kept
        and "False" not in row.cells
    ]
    copied, edited = (picked := rng.sample(fit, 4))[:2], picked[2:]
    rows += [Row(rows[place].cells, "exact_copy") for place in copied]
    for place in edited:
        row = rows[place]
        rows[place] = Row(row.cells, "replaced_later")
        score: Cell = "4" if isinstance(row.cells[score_cell], str) else 4
        rows.append(changed(row, "", {score_cell: score}))
