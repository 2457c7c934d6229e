"""Invitations, and the answers of the two surveys: store visits (Qualtrics) and deliveries."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from demo import texts
from demo.world import CUTOFF, Customer, Invitation, Landmarks, Order, Response, Unit, local, scaled

STORE_NPS = "store_nps"
DELIVERY_NPS = "delivery_nps"
DRIVERS = {
    STORE_NPS: ("taste", "speed", "staff", "clean", "price"),
    DELIVERY_NPS: ("on_time", "packaging", "taste", "price"),
}
"""The 1-5 items of each survey, in the order of their columns."""
_TOPICS = {
    STORE_NPS: {
        "taste": 5,
        "speed": 3,
        "staff": 3,
        "price": 2,
        "clean": 1.5,
        "app": 0.7,
        "refund": 0.4,
    },
    DELIVERY_NPS: {"delivery": 6, "taste": 2, "price": 1, "refund": 0.6, "app": 0.6},
}
_STORE_TOUCHPOINTS = ("tp_order_counter", "tp_pickup", "tp_taste", "tp_store_env", "tp_queue")
# Share of delivered invitations that end in an answer, by the channel they went out through.
_ANSWER_RATES = {"sms": 0.27, "wechat": 0.36, "mini_program": 0.40, "app": 0.35, "email": 0.30}
_DELIVERY_RATE = 0.34
_COOL_DOWN = timedelta(days=14)
INDUCED_FROM = local(2026, 9, 18, 21, 40)
"""The evening on which somebody at the induced store answered the form over and over."""
INDUCED_ANSWERS = 36
_INDUCED_HONEST = (10, 9, 9, 8, 8, 8, 7, 7, 7, 7, 6, 6, 5, 5, 4, 2)
MOOD_TURNED = local(2026, 8, 1)
"""From here on the delivery region's deliveries go wrong."""


@dataclass(frozen=True)
class Mood:
    """How an answer is likely to fall: chances of a promoter and of a passive."""

    promoter: float
    passive: float

    def shifted(self, by: float) -> Mood:
        """The same mood with `by` more promoters, kept within reason."""
        return Mood(min(0.85, max(0.08, self.promoter + by)), self.passive)


_MOODS = {STORE_NPS: Mood(0.56, 0.27), DELIVERY_NPS: Mood(0.55, 0.25)}
_DELIVERY_TROUBLE = Mood(0.10, 0.20)
_TROUBLED_GUESTS = (9, 8, 7, 6, 6, 5, 4, 3, 2, 0)
_INDUCED_MOOD = Mood(0.20, 0.30)


def make_invitations(
    rng: random.Random, customers: list[Customer], orders: list[Order], scale: float
) -> list[Invitation]:
    """Two in three to store visits, the rest after deliveries; a customer rests 14 days between."""
    people = {person.customer_id: person for person in customers}
    wanted = {STORE_NPS: scaled(6200, scale, 200), DELIVERY_NPS: scaled(2800, scale, 100)}
    rested: dict[tuple[str, str], list[datetime]] = {}
    drafts = []
    for order in rng.sample(orders, len(orders)):
        survey = DELIVERY_NPS if order.channel == "delivery" else STORE_NPS
        sent = order.ordered_at + timedelta(minutes=rng.randint(70, 200))
        before = rested.setdefault((survey, order.customer_id), [])
        resting = any(abs(sent - other) < _COOL_DOWN for other in before)
        if not wanted[survey] or resting or order.cancelled_at or sent >= CUTOFF:
            continue
        wanted[survey] -= 1
        before.append(sent)
        drafts.append((sent, order, survey))
    drafts.sort(key=lambda draft: (draft[0], draft[1].order_id))
    return [
        _invitation(rng, n, sent, survey, people[order.customer_id])
        for n, (sent, order, survey) in enumerate(drafts, 1)
    ]


def _invitation(
    rng: random.Random, number: int, sent: datetime, survey: str, person: Customer
) -> Invitation:
    if survey == DELIVERY_NPS:
        channel, rate = "delivery", _DELIVERY_RATE
    else:
        options = (
            ("email", "app")
            if person.language == "en"
            else ("wechat", "mini_program", "sms", "app")
        )
        channel = rng.choice(options)
        rate = _ANSWER_RATES[channel]
    delivered = sent + timedelta(seconds=rng.randint(1, 50)) if rng.random() < 0.97 else None
    luck = rng.random()
    opened = started = completed = None
    if delivered and luck < rate + 0.3:
        opened = delivered + timedelta(seconds=int(rng.lognormvariate(8.0, 1.3)))
        if luck < rate + 0.06:
            started = opened + timedelta(seconds=rng.randint(4, 40))
        if luck < rate:
            completed = opened + timedelta(seconds=40 + int(rng.lognormvariate(4.5, 0.28)))
    latest = max(at for at in (sent, delivered, opened, started, completed) if at is not None)
    if latest >= CUTOFF - timedelta(minutes=5):  # a form left half-way stays open a little longer
        opened = started = completed = None
    return Invitation(
        invitation_id=f"inv_{number:06d}",
        survey_id=survey,
        customer_id=person.customer_id,
        sent_at=sent,
        channel=channel,
        delivered_at=delivered,
        opened_at=opened,
        started_at=started,
        completed_at=completed,
        incentive="coupon_5" if rng.random() < 0.2 else "",
    )


def make_responses(
    rng: random.Random,
    customers: list[Customer],
    invitations: list[Invitation],
    stores: list[Unit],
    landmarks: Landmarks,
    scale: float,
) -> tuple[list[Response], Landmarks]:
    """All answers in the order of time, with the induced ones and one customer's two.

    Returns them with `landmarks` completed by the ids of the planted ones.
    """
    writer = _Writer(rng, stores, landmarks)
    people = {person.customer_id: person for person in customers}
    answers = list(writer.invited(people, invitations))
    answers += writer.anonymous(scaled(260, scale, 10))
    answers += [writer.honest_at_induced(score) for score in _INDUCED_HONEST]
    answers += [writer.troubled_guest(m, s) for m in (8, 9) for s in _TROUBLED_GUESTS]
    induced = writer.induced()
    twice = writer.twice(_without_answers(customers, answers))
    tests = [writer.not_a_customer(word) for word in ("Survey Preview",) * 3 + ("Spam",) * 2]
    answers += [*induced, *twice, *tests]
    answers.sort(key=lambda answer: (answer.submitted_at, answer.response_id))
    done = replace(
        landmarks,
        twice_customer=twice[0].customer_id,
        twice_responses=tuple(answer.response_id for answer in twice),
        induced_responses=tuple(answer.response_id for answer in induced),
    )
    return answers, done


def _without_answers(customers: list[Customer], answers: list[Response]) -> Customer:
    """A Chinese-speaking regular who has answered nothing yet."""
    voiced = {answer.customer_id for answer in answers}
    return next(
        person
        for person in customers
        if person.customer_id not in voiced
        and person.segment == "regular"
        and person.language == "zh"
        and not person.fell_silent
    )


class _Writer:
    """Writes answers; knows each store's standing and hands out ids."""

    def __init__(self, rng: random.Random, stores: list[Unit], landmarks: Landmarks) -> None:
        self.rng = rng
        self.stores = stores
        self.landmarks = landmarks
        self.regions = {store.unit_id: store.region for store in stores}
        self.standing = {store.unit_id: rng.gauss(0, 0.09) for store in stores}
        self.strangers = 0

    def invited(
        self, people: dict[str, Customer], invitations: list[Invitation]
    ) -> Iterator[Response]:
        for invitation in invitations:
            person = people[invitation.customer_id]
            if invitation.completed_at and invitation.started_at:
                yield self._answer(
                    person, invitation, invitation.started_at, invitation.completed_at
                )
            elif invitation.started_at and invitation.survey_id == STORE_NPS:
                yield self._left_halfway(person, invitation, invitation.started_at)

    def anonymous(self, number: int) -> list[Response]:
        """Answers to the QR code on the counter: nobody's name, one device each."""
        return [self._at_counter(self.rng.choice(self.stores), None) for _ in range(number)]

    def honest_at_induced(self, score: int) -> Response:
        """A real guest of the induced store in September; together they are not happy."""
        store = next(s for s in self.stores if s.unit_id == self.landmarks.induced_store)
        day = local(2026, 9, self.rng.randint(2, 28), self.rng.randint(11, 20))
        return self._at_counter(store, day, score)

    def troubled_guest(self, month: int, score: int) -> Response:
        """Somebody who ordered in the delivery region without being a member."""
        region = self.landmarks.delivery_region
        store = self.rng.choice([s for s in self.stores if s.region == region])
        start = local(2026, month, self.rng.randint(2, 28), self.rng.randint(12, 21))
        end = start + timedelta(seconds=self.rng.randint(70, 180))
        base = self._response(DELIVERY_NPS, store.unit_id, start, end, score)
        device = f"{self.rng.getrandbits(48):012x}"
        return replace(base, channel="delivery", touchpoint_id="tp_delivery_arrival", device=device)

    def induced(self) -> list[Response]:
        """Tens from one device, seconds apart, every item at its best, in a few seconds each."""
        at = INDUCED_FROM
        device = self._stranger()
        answers = []
        for _ in range(INDUCED_ANSWERS):
            at += timedelta(seconds=self.rng.randint(18, 40))
            base = self._response(
                STORE_NPS,
                self.landmarks.induced_store,
                at,
                at + timedelta(seconds=self.rng.randint(4, 9)),
                10,
            )
            answers.append(
                replace(
                    base,
                    channel="store_qr",
                    touchpoint_id="tp_order_counter",
                    csat=5,
                    drivers=dict.fromkeys(DRIVERS[STORE_NPS], 5),
                    comment=self.rng.choice(("", "", "很好", "好评", "满意")),
                    device=device,
                )
            )
        return answers

    def twice(self, person: Customer) -> list[Response]:
        """One customer's two answers in September: a 3 on the 8th, a 9 on the 22nd."""
        answers = []
        for day, score in ((8, 3), (22, 9)):
            start = local(2026, 9, day, 15, 4, 11)
            base = self._response(
                STORE_NPS, person.unit_id, start, start + timedelta(seconds=97), score
            )
            answers.append(
                replace(
                    base,
                    customer_id=person.customer_id,
                    channel="mini_program",
                    touchpoint_id="tp_pickup",
                    device=self._device(person),
                )
            )
        return answers

    def not_a_customer(self, status: str) -> Response:
        """A colleague's preview, or spam: in the export, never in a score."""
        store = self.rng.choice(self.stores)
        answer = self._at_counter(store, local(2026, 6, self.rng.randint(1, 28), 10))
        comment = "test 测试" if status == "Survey Preview" else "加微信领红包"
        return replace(answer, status=status, comment=comment)

    def _answer(
        self, person: Customer, invitation: Invitation, start: datetime, end: datetime
    ) -> Response:
        survey = invitation.survey_id
        mood = self._mood(survey, person.unit_id, person.region, start)
        score = self._score(mood)
        if person.fell_silent:
            score = self.rng.choice((2, 3, 4, 5)) if start.month >= 6 else min(score, 7)
        base = self._response(survey, person.unit_id, start, end, score, person.language)
        delivered = survey == DELIVERY_NPS
        touchpoint = "tp_delivery_arrival" if delivered else base.touchpoint_id
        return replace(
            base,
            customer_id=person.customer_id,
            invitation_id=invitation.invitation_id,
            channel=invitation.channel,
            touchpoint_id=touchpoint,
            device=self._device(person, survey),
        )

    def _left_halfway(self, person: Customer, invitation: Invitation, start: datetime) -> Response:
        end = start + timedelta(seconds=self.rng.randint(8, 60))
        answered = self.rng.random() < 0.5
        score = self._score(_MOODS[STORE_NPS])
        base = self._response(STORE_NPS, person.unit_id, start, end, score, person.language)
        return replace(
            base,
            customer_id=person.customer_id,
            invitation_id=invitation.invitation_id,
            channel=invitation.channel,
            nps=str(score) if answered else "",
            csat=None,
            drivers={},
            comment="",
            device=self._device(person),
            finished=False,
        )

    def _at_counter(self, store: Unit, day: datetime | None, score: int | None = None) -> Response:
        if day is None:
            start = local(2026, 4, 1, 11) + timedelta(
                days=self.rng.randrange(182), minutes=self.rng.randrange(560)
            )
        else:
            start = day + timedelta(minutes=self.rng.randrange(55))
        end = start + timedelta(seconds=40 + int(self.rng.lognormvariate(4.5, 0.28)))
        if score is None:
            score = self._score(self._mood(STORE_NPS, store.unit_id, store.region, start))
        language = "en" if store.region == "海外" else "zh"
        base = self._response(STORE_NPS, store.unit_id, start, end, score, language)
        return replace(base, channel="store_qr", device=self._stranger())

    def _mood(self, survey: str, unit_id: str, region: str, at: datetime) -> Mood:
        if survey == DELIVERY_NPS:
            trouble = region == self.landmarks.delivery_region and at >= MOOD_TURNED
            return _DELIVERY_TROUBLE if trouble else _MOODS[survey]
        if unit_id == self.landmarks.induced_store:
            return _INDUCED_MOOD
        return _MOODS[survey].shifted(self.standing[unit_id])

    def _score(self, mood: Mood) -> int:
        draw = self.rng.random()
        if draw < mood.promoter:
            return self.rng.choice((9, 10, 10))
        if draw < mood.promoter + mood.passive:
            return self.rng.choice((7, 8, 8))
        return self.rng.choices((0, 1, 2, 3, 4, 5, 6), (4, 2, 3, 4, 4, 8, 9))[0]

    def _response(
        self,
        survey: str,
        unit_id: str,
        start: datetime,
        end: datetime,
        score: int,
        language: str = "zh",
    ) -> Response:
        rng = self.rng
        prefix = "R_" if survey == STORE_NPS else "D"
        topics = _TOPICS[survey]
        said = texts.comment(rng, language, score, topics) if rng.random() < 0.55 else ""
        return Response(
            survey_id=survey,
            response_id=prefix + _token(rng),
            customer_id="",
            invitation_id="",
            unit_id=unit_id,
            region=self.regions[unit_id],
            touchpoint_id=rng.choice(_STORE_TOUCHPOINTS),
            channel="",
            started_at=start,
            submitted_at=end,
            nps=str(score),
            csat=min(5, max(1, round(score / 2 + rng.gauss(0.2, 0.5)))),
            drivers=_drivers(rng, survey, score),
            comment=said,
            device="",
            language=language,
        )

    def _device(self, person: Customer, survey: str = STORE_NPS) -> str:
        """A member's phone: always the same address (198.18.0.0/15 is nobody's) or device id."""
        if survey == DELIVERY_NPS:
            return person.device
        high, low = divmod(int(person.customer_id[1:]) % 65536, 256)
        return f"198.18.{high}.{low}"

    def _stranger(self) -> str:
        """The address of a phone that answers once."""
        self.strangers += 1
        high, low = divmod(self.strangers % 65536, 256)
        return f"198.19.{high}.{low}"


_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789"


def _token(rng: random.Random) -> str:
    return "".join(rng.choices(_ALPHABET, k=15))


def _drivers(rng: random.Random, survey: str, score: int) -> dict[str, int]:
    """1-5 marks around the score, one a bit off; a few guests skip an item."""
    weak = rng.choice(DRIVERS[survey])
    marks = {}
    for driver in DRIVERS[survey]:
        middle = 1.4 + score * 0.34 - (0.9 if driver == weak else 0)
        if rng.random() > 0.04:
            marks[driver] = min(5, max(1, round(rng.gauss(middle, 0.6))))
    return marks
