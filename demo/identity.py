"""People who are known by more than one name: second cards, families' phones, mails only.

`plant` puts them into the company; `resolved` works out, from the files alone, whom a row leads to.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Any

from demo.dirt import FATES
from demo.surveys import DELIVERY_NPS, STORE_NPS
from demo.world import Case, Customer, CustomerLink, Landmarks, Order, Response, local

if TYPE_CHECKING:
    from demo.files import LandingFile

MERGED_AT = (local(2026, 9, 3, 10), local(2026, 9, 7, 16), local(2026, 9, 12, 9))
"""When each second card was found to be its owner's."""
MISTAKEN_AT, PARTED_AT = local(2026, 8, 3, 11), local(2026, 9, 10, 15)
"""Two customers were taken for one, and that was taken back."""
FAMILIES = 2
"""So many pairs of customers share a phone."""
STRANGER_PHONE = "19700000001"
STRANGER_MAILS = ("guest.one@example.net", "guest.two@example.net")
_KNOWN_MAILS = 5
_CALLERS = 4
_BEFORE = local(2026, 9, 1)


@dataclass
class Cast:
    """All who can play a part; whoever has played one is not asked again."""

    customers: dict[str, Customer]
    responses: dict[str, Response]
    cases: dict[str, Case]
    landmarks: Landmarks


def plant(
    rng: random.Random,
    orders: list[Order],
    cast: Cast,
) -> tuple[list[CustomerLink], Landmarks]:
    """Change the customers, answers and cases of `cast` in place.

    In a company of less than a quarter some parts are left out: too few people answer. Returns the
    declared links, and the landmarks with the phones and mails that played a part.
    """
    links: list[CustomerLink] = []
    given = [STRANGER_PHONE]
    guests = _guests(rng, cast)
    hosts = _Hosts(cast)
    cards = _unused_cards(cast, orders)
    for at, answer, card in zip(MERGED_AT, guests, cards, strict=False):
        owner = hosts.of(answer)
        cast.customers[card.customer_id] = replace(card, phone=owner.phone)
        cast.responses[answer.response_id] = replace(answer, customer_id=card.customer_id)
        links.append(CustomerLink(owner.customer_id, card.customer_id, "merge", at))
        given.append(owner.phone)
    for answer, other in zip(islice(guests, 1), cards, strict=False):
        one = hosts.of(answer).customer_id
        cast.responses[answer.response_id] = replace(answer, customer_id=other.customer_id)
        links.append(CustomerLink(one, other.customer_id, "merge", MISTAKEN_AT))
        links.append(CustomerLink(other.customer_id, one, "unmerge", PARTED_AT))
    for answer in islice(guests, _KNOWN_MAILS):
        email = hosts.of(answer, has_mail=True).email
        cast.responses[answer.response_id] = replace(answer, email=email)
        given.append(email)
    for mail, answer in zip(STRANGER_MAILS, guests, strict=False):
        given.append(mail)
        cast.responses[answer.response_id] = replace(answer, email=mail)
    pairs = zip(islice(cards, FAMILIES), cards, strict=False)
    families = [_family(cast, one, other) for one, other in pairs]
    owners = [cast.customers[link.customer_id].phone for link in links[:1]]
    phones = [*families, STRANGER_PHONE, *owners]
    given += families + _callers(rng, cast, phones)
    personal = (*cast.landmarks.personal_data, *given)
    return links, replace(cast.landmarks, personal_data=personal)


def _guests(rng: random.Random, cast: Cast) -> Iterator[Response]:
    """Whole answers of nobody known, of before September, in an order of chance.

    Their scores are below 9, so that none of them is among the answers that are repeated later.
    """
    fit = [
        answer
        for answer in cast.responses.values()
        if answer.survey_id == STORE_NPS
        and answer.is_complete
        and not answer.customer_id
        and answer.submitted_at < _BEFORE
        and answer.nps in tuple("012345678")
    ]
    return iter(rng.sample(fit, len(fit)))


class _Hosts:
    """Customers who answered the store's survey themselves, each asked once."""

    def __init__(self, cast: Cast) -> None:
        self.customers = cast.customers
        self.used = {cast.landmarks.twice_customer}
        self.answers = [
            answer
            for answer in cast.responses.values()
            if answer.survey_id == STORE_NPS and answer.is_complete and answer.customer_id
        ]

    def of(self, answer: Response, *, has_mail: bool = False) -> Customer:
        """One who answered in the same month as `answer`: only one of the two can count there."""
        month = (answer.submitted_at.year, answer.submitted_at.month)
        for own in self.answers:
            person = self.customers[own.customer_id]
            same = (own.submitted_at.year, own.submitted_at.month) == month
            if same and person.customer_id not in self.used and not person.fell_silent:
                if has_mail and not person.email:
                    continue
                self.used.add(person.customer_id)
                return person
        raise ValueError("No customer is left to play a part; a larger scale has more of them.")


def _unused_cards(cast: Cast, orders: list[Order]) -> Iterator[Customer]:
    """Members of long standing of whom nothing was ever seen."""
    seen = {order.customer_id for order in orders}
    seen |= {answer.customer_id for answer in cast.responses.values()}
    seen |= {case.customer_id for case in cast.cases.values()}
    for person in list(cast.customers.values()):
        if person.customer_id not in seen and person.segment != "new":
            yield person


def _family(cast: Cast, one: Customer, other: Customer) -> str:
    """Two customers with the phone of one; returns it."""
    cast.customers[other.customer_id] = replace(other, phone=one.phone)
    return one.phone


def _callers(rng: random.Random, cast: Cast, phones: list[str]) -> list[str]:
    """Cases of people who left a phone and no card: the first with `phones`, some with their own.

    Returns their own ones. Only cases from the counter and of deliveries: nobody called before.
    """
    parts = cast.landmarks
    kept = {parts.ping_pong_case, parts.reopened_case, parts.late_resolved_case}
    fit = [
        case
        for case in cast.cases.values()
        if case.channel in ("store", "delivery")
        and case.case_id not in kept
        and not cast.customers[case.customer_id].fell_silent
    ]
    own: list[str] = []
    for n, case in enumerate(rng.sample(fit, min(len(fit), len(phones) + _CALLERS))):
        if n >= len(phones):
            own.append(cast.customers[case.customer_id].phone)
        phone = phones[n] if n < len(phones) else own[-1]
        cast.cases[case.case_id] = replace(case, customer_id="", order_id="", phone=phone)
    return own


@dataclass(frozen=True)
class Who:
    """Whom a row leads to: nobody unless `status` is resolved."""

    customer_id: str | None
    method: str | None
    status: str


COLUMNS = {
    f"survey_{STORE_NPS}": ("ResponseId", "ExternalReference", None, "RecipientEmail"),
    f"survey_{DELIVERY_NPS}": ("答卷编号", "会员号", None, None),
    "extract_orders": ("订单号", "会员号", None, None),
    "extract_cases": ("case_id", "customer_id", "phone", None),
    "extract_contacts": ("contact_id", "customer_id", None, None),
    "extract_journey_events": ("event_id", "customer_id", None, None),
    "extract_invitations": ("invitation_id", "customer_id", None, None),
}
"""Source -> the headers of its key, customer, phone and mail: these can name a customer."""


def resolved(files: Iterable[LandingFile]) -> dict[str, dict[str, Who]]:
    """Source -> key of each row that stands -> whom it leads to (docs/identity.md)."""
    listed = list(files)
    book = Book(listed)
    found: dict[str, dict[str, Who]] = {source: {} for source in COLUMNS}
    for file in listed:
        if file.source in COLUMNS:
            for cells in _standing(file, COLUMNS[file.source]):
                key, customer, phone, mail = cells
                found[file.source][key] = book.who(customer, phone, mail)
    return found


def counted(rows: Iterable[Who]) -> dict[str, int]:
    """The counts that quality.source_day has for these rows."""
    listed = list(rows)
    methods, ends = Counter(who.method for who in listed), Counter(who.status for who in listed)
    words = ("declared_id", "declared_link", "email", "phone")
    return {
        "facts": len(listed),
        "with_identifier": len(listed) - ends["none"],
        "resolved": ends["resolved"],
        **{f"by_{word}": methods[word] for word in words},
        "ambiguous": ends["ambiguous"],
        "unmatched": ends["unmatched"],
        "conflicts": 0,
    }


class Book:
    """The customers' file and the links, as they stand at the end of the night."""

    def __init__(self, files: list[LandingFile]) -> None:
        self.known: set[str] = set()
        self.owners: dict[str, set[str]] = {}
        self.remaining: dict[str, str] = {}
        for file in files:
            if file.source == "extract_customers":
                headers = ("customer_id", "phone", "email", None)
                for customer, phone, mail, _ in _standing(file, headers):
                    self.known.add(customer)
                    for value in filter(None, (phone, mail)):
                        self.owners.setdefault(value, set()).add(customer)
            elif file.source == "extract_customer_links":
                links = [row.cells for row in file.rows]
                for one, other, _, kind in sorted(links, key=lambda cells: str(cells[2])):
                    if kind == "merge":
                        self.remaining[str(other)] = str(one)
                    else:
                        self.remaining.pop(str(one), None)
                        self.remaining.pop(str(other), None)

    def remains(self, customer: str) -> str:
        """Who that customer is after all merges; no merge here follows another."""
        return self.remaining.get(customer, customer)

    def who(self, customer: str, phone: str, mail: str) -> Who:
        """A known id decides, then the mail, then the phone."""
        if customer in self.known:
            method = "declared_link" if customer in self.remaining else "declared_id"
            return Who(self.remains(customer), method, "resolved")
        candidates = 0
        for method, value in (("email", mail), ("phone", phone)):
            people = {self.remains(owner) for owner in self.owners.get(value, ())}
            if len(people) == 1:
                return Who(people.pop(), method, "resolved")
            candidates = max(candidates, len(people))
        if candidates:
            return Who(None, None, "ambiguous")
        return Who(None, None, "unmatched" if customer or phone or mail else "none")


def _standing(file: LandingFile, headers: tuple[str | None, ...]) -> Iterator[tuple[str, ...]]:
    """The wanted cells of each row that is not quarantined, in the order of the file."""
    places = [None if name is None else file.headers[0].index(name) for name in headers]
    for row in file.rows:
        if FATES.get(row.dirt) != "quarantined":
            cells: tuple[Any, ...] = row.cells
            yield tuple("" if n is None or cells[n] is None else str(cells[n]) for n in places)
