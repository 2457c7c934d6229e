"""The demo company's vocabulary: what a store, a customer, an order… is, and the calendar.

All times here are naive datetimes on the company's wall clock (Asia/Shanghai, UTC+8, no summer
time): that is how a company's own systems export them.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from demo.replica.sites import dianping, heimao


def local(
    year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0
) -> datetime:
    """A moment on the company's wall clock: naive, as its exports write it."""
    return datetime(year, month, day, hour, minute, second)  # noqa: DTZ001


AS_OF = date(2026, 9, 30)
"""The business date of the demo's nightly run."""
FIRST_DAY = date(2026, 4, 1)
"""Where the demo's history begins."""
CUTOFF = local(2026, 10, 1)
"""Local end of AS_OF (exclusive): a mart for AS_OF knows nothing that happened later."""
ZONE = "Asia/Shanghai"

COMPANY = "Yunwu Tea 云雾茶"
BRAND = "云雾茶"
CALL_CENTRE = "call_centre"
HQ = "hq"


def stream(seed: int, part: str) -> random.Random:
    """A random stream of its own for each part: changing one part doesn't shift the others."""
    return random.Random(f"{seed}:{part}")


def scaled(number: int, scale: float, least: int = 1) -> int:
    """`number` things at scale 1.0, never fewer than `least`."""
    return max(least, round(number * scale))


def days() -> list[date]:
    """Every business date of the demo's history, in order."""
    return [FIRST_DAY + timedelta(days=n) for n in range((AS_OF - FIRST_DAY).days + 1)]


@dataclass(frozen=True)
class Region:
    """A region of the chain. `name` is what stores and customers carry in `region`."""

    unit_id: str
    name: str
    english: str
    language: str
    stores: int
    cities: tuple[str, ...]


REGIONS = (
    Region(
        "r_east",
        "华东",
        "East",
        "zh",
        12,
        (
            "上海静安",
            "上海徐家汇",
            "杭州湖滨",
            "杭州滨江",
            "南京新街口",
            "苏州观前",
            "宁波天一",
            "合肥淮河路",
            "无锡三阳",
            "上海五角场",
            "杭州下沙",
            "南京仙林",
        ),
    ),
    Region(
        "r_south",
        "华南",
        "South",
        "zh",
        9,
        (
            "广州天河",
            "广州北京路",
            "深圳南山",
            "深圳福田",
            "佛山祖庙",
            "东莞国贸",
            "厦门中山路",
            "福州东街口",
            "珠海拱北",
        ),
    ),
    Region(
        "r_north",
        "华北",
        "North",
        "zh",
        8,
        (
            "北京国贸",
            "北京五道口",
            "北京望京",
            "天津滨江道",
            "石家庄勒泰",
            "太原柳巷",
            "济南泉城路",
            "青岛台东",
        ),
    ),
    Region(
        "r_west",
        "西南",
        "Southwest",
        "zh",
        7,
        (
            "成都春熙路",
            "成都高新",
            "重庆解放碑",
            "重庆观音桥",
            "昆明南屏街",
            "贵阳喷水池",
            "成都宽窄巷子",
        ),
    ),
    Region(
        "r_overseas",
        "海外",
        "Overseas",
        "en",
        4,
        ("San Francisco Market St", "New York Flushing", "Los Angeles Arcadia", "Irvine Spectrum"),
    ),
)


@dataclass(frozen=True)
class Unit:
    """A store, region, head office department, platform, or a competitor."""

    unit_id: str
    name: str
    kind: str
    parent_unit_id: str
    brand: str
    is_competitor: bool
    region: str
    opened_on: date
    hours: str


@dataclass(frozen=True)
class Touchpoint:
    """A step of the customer's journey; `desired_score` is on the 0-10 scale."""

    touchpoint_id: str
    name: str
    stage: str
    scenario: str
    mode: str
    is_mot: bool
    desired_score: float
    owner_unit_id: str


@dataclass(frozen=True)
class Customer:
    """A member. `weekly` (orders a week), `delivery_share` and `fell_silent` are not exported."""

    customer_id: str
    signup_at: datetime
    unit_id: str
    region: str
    segment: str
    consent: bool
    phone: str
    email: str
    language: str
    device: str
    weekly: float
    delivery_share: float
    fell_silent: bool = False


@dataclass(frozen=True)
class CustomerLink:
    """The declaration that two customers are one (`merge`), or are not after all (`unmerge`)."""

    customer_id: str
    other_id: str
    kind: str
    occurred_at: datetime


@dataclass(frozen=True)
class Order:
    """One order; amounts in CNY. `note` is what the customer asked for (an unmapped column)."""

    order_id: str
    customer_id: str
    ordered_at: datetime
    unit_id: str
    region: str
    channel: str
    amount: float
    margin: float
    status: str
    cancelled_at: datetime | None
    refunded_at: datetime | None
    note: str


@dataclass(frozen=True)
class JourneyEvent:
    """Something a customer did or met at a touchpoint."""

    event_id: str
    customer_id: str
    touchpoint_id: str
    occurred_at: datetime
    unit_id: str
    channel: str
    order_id: str
    outcome: str
    wait_minutes: float | None


@dataclass(frozen=True)
class Invitation:
    """One invitation to a survey and how far the customer followed it."""

    invitation_id: str
    survey_id: str
    customer_id: str
    sent_at: datetime
    channel: str
    delivered_at: datetime | None
    opened_at: datetime | None
    started_at: datetime | None
    completed_at: datetime | None
    incentive: str


@dataclass(frozen=True)
class Response:
    """One answered form. `nps` is the raw text as typed or ticked, dirt included.

    `status` is Qualtrics' word for the kind of response, `finished` whether it was sent off.
    `drivers` are 1-5 marks by driver; a missing one was not answered. `email` is given only by some
    who gave no card.
    """

    survey_id: str
    response_id: str
    customer_id: str
    invitation_id: str
    unit_id: str
    region: str
    touchpoint_id: str
    channel: str
    started_at: datetime
    submitted_at: datetime
    nps: str
    csat: int | None
    drivers: dict[str, int]
    comment: str
    device: str
    language: str
    status: str = "IP Address"
    finished: bool = True
    email: str = ""

    @property
    def duration_seconds(self) -> int:
        """Whole seconds between opening and sending the form."""
        return int((self.submitted_at - self.started_at).total_seconds())

    @property
    def is_complete(self) -> bool:
        """Sent off by a real respondent: no preview, no spam, not left half-way."""
        return self.finished and self.status == "IP Address"


@dataclass(frozen=True)
class Case:
    """A complaint that reached the company itself; `phone` only of those who gave no card."""

    case_id: str
    created_at: datetime
    customer_id: str
    order_id: str
    unit_id: str
    channel: str
    issue: str
    amount: float | None
    priority: str
    appeal: str
    text: str
    phone: str = ""


@dataclass(frozen=True)
class CaseEvent:
    """One step of a case; `owner_unit_id` only where the step names an owner."""

    event_id: str
    case_id: str
    type: str
    occurred_at: datetime
    actor_kind: str
    owner_unit_id: str


@dataclass(frozen=True)
class Product:
    """Something that is sold; `price` in CNY is not exported."""

    product_id: str
    name: str
    category: str
    price: int


@dataclass(frozen=True)
class OrderLine:
    """One cup of an order."""

    order_id: str
    product_id: str
    line_no: int
    quantity: int
    amount: float


@dataclass(frozen=True)
class Employee:
    """Somebody of the chain's people, known by a number only."""

    employee_id: str
    unit_id: str
    role: str


@dataclass(frozen=True)
class Contact:
    """A call or a chat with the service desk."""

    contact_id: str
    customer_id: str
    channel: str
    started_at: datetime
    actor_kind: str
    wait_seconds: int
    resolved: bool
    case_id: str


@dataclass(frozen=True)
class Audit:
    """One item judged at a visit to a store, from 1 to 5; `word` is what its class is called."""

    unit_id: str
    visited_at: datetime
    item: str
    word: str
    score: float


@dataclass(frozen=True)
class PublicComplaint:
    """A complaint on the regulator's public database (CFPB's shape). Dates are US dates.

    `narrative` None: the field is absent from the answer; "" means present and empty.
    """

    complaint_id: str
    company: str
    product: str
    sub_product: str | None
    issue: str
    sub_issue: str | None
    narrative: str | None
    state: str
    zip_code: str
    submitted_via: str
    company_response: str
    company_public_response: str | None
    timely: str
    tags: str | None
    received_on: date
    sent_on: date


@dataclass(frozen=True)
class AppReview:
    """A review in an app store; `updated` as the feed gives it, with its own offset."""

    review_id: str
    country: str
    rating: int
    title: str
    body: str
    version: str
    author: str
    updated: str
    vote_sum: int
    vote_count: int


@dataclass(frozen=True)
class Landmarks:
    """Who plays which part in the planted truths (demo/truths.py turns them into expectations)."""

    delivery_region: str = ""
    induced_store: str = ""
    spike_store: str = ""
    spike_issue: str = "食品异物"
    spike_monday: date = date(2026, 8, 17)
    spike_cases: int = 18
    ping_pong_case: str = ""
    reopened_case: str = ""
    late_resolved_case: str = ""
    twice_customer: str = ""
    twice_responses: tuple[str, ...] = ()
    induced_responses: tuple[str, ...] = ()
    personal_data: tuple[str, ...] = ()


@dataclass(frozen=True)
class Company:
    """Everything the demo company knows and everything said about it, before any file exists.

    What stands on Heimao and Dianping is in the replicas' own words: its times are aware.
    """

    seed: int
    scale: float
    units: list[Unit]
    touchpoints: list[Touchpoint]
    customers: list[Customer]
    customer_links: list[CustomerLink]
    orders: list[Order]
    journey_events: list[JourneyEvent]
    invitations: list[Invitation]
    responses: list[Response]
    cases: list[Case]
    case_events: list[CaseEvent]
    products: list[Product]
    order_lines: list[OrderLine]
    employees: list[Employee]
    contacts: list[Contact]
    audits: list[Audit]
    public_complaints: list[PublicComplaint]
    app_reviews: list[AppReview]
    heimao_complaints: list[heimao.Complaint]
    shop_reviews: list[dianping.Review]
    landmarks: Landmarks = field(default_factory=Landmarks)

    @property
    def stores(self) -> list[Unit]:
        """The chain's own stores."""
        return [unit for unit in self.units if unit.kind == "store" and not unit.is_competitor]
