"""What is said in public: complaints at the regulator (CFPB's shape) and app store reviews."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta

from demo import texts
from demo.world import AS_OF, FIRST_DAY, AppReview, PublicComplaint, local, scaled

CFPB_COMPANY = "YUNWU TEA PAY LLC"
"""The group's prepaid card in the US, as the regulator spells it."""
OTHER_COMPANY = "HARBOR PREPAID SERVICES, INC."
"""Somebody else's complaints on the same platform: a company filter must leave them out."""
APP_ID = "6400000001"
_LAST_RECEIVED = AS_OF - timedelta(days=2)  # noon in the US is already tomorrow in Shanghai

_CARD = "Prepaid card"
_MONEY = "Money transfer, virtual currency, or money service"
_KINDS: tuple[tuple[int, str, str, str, str | None, tuple[str, ...]], ...] = (
    (
        26,
        _CARD,
        "Gift card",
        "Trouble using the card",
        "Trouble using the card to spend money in a store or online",
        (
            "I loaded $XX.XX on my Yunwu gift card and it was declined at three different stores.",
            "The card balance shows money in the app but every purchase is declined.",
            "They blamed the terminal. It was not that, my bank card worked right after.",
        ),
    ),
    (
        20,
        _CARD,
        "General-purpose prepaid card",
        "Problem with a purchase or transfer",
        "Charged for a purchase or transfer you did not make with the card",
        (
            "There are two charges on XX/XX/2026 that I did not make.",
            "I reported the charges the same day and was told to wait for an investigation.",
            "The company closed my dispute without asking for a single document.",
        ),
    ),
    (
        18,
        _CARD,
        "Gift card",
        "Unexpected or other fees",
        None,
        (
            "A monthly inactivity fee was taken although the card was used two weeks before.",
            "Nothing on the packaging mentions a service fee of this kind.",
            "I asked for the fee schedule and was sent a link that does not open.",
        ),
    ),
    (
        14,
        _CARD,
        "General-purpose prepaid card",
        "Problem getting a card or closing an account",
        "Trouble closing card",
        (
            "I asked to close the account and get the remaining balance as a check.",
            "After XXXX calls nobody can say when the check will be mailed.",
        ),
    ),
    (
        12,
        _MONEY,
        "Mobile or digital wallet",
        "Unauthorized transactions or other transaction problem",
        None,
        (
            "My wallet was used in another state while the phone was with me.",
            "XXXX XXXX from support said the transaction looked normal to them.",
            "I want the money back and the device removed from my account.",
        ),
    ),
    (
        10,
        _MONEY,
        "Mobile or digital wallet",
        "Problem with customer service",
        None,
        (
            "The chat is a bot that repeats the same three sentences.",
            "I was on hold for over an hour on XX/XX/2026 and then disconnected.",
        ),
    ),
)
_RESPONSES = {
    "Closed with explanation": 62,
    "Closed with monetary relief": 18,
    "Closed with non-monetary relief": 16,
    "Untimely response": 4,
}
_STATES = {
    "CA": "941XX",
    "NY": "113XX",
    "NJ": "070XX",
    "TX": "770XX",
    "WA": "981XX",
    "IL": "606XX",
    "MA": "021XX",
    "FL": "331XX",
}
_PUBLIC_RESPONSE = (
    "Company has responded to the consumer and the CFPB and "
    "chooses not to provide a public response"
)


def make_public_complaints(rng: random.Random, scale: float) -> list[PublicComplaint]:
    """About 220 complaints about CFPB_COMPANY and 60 about OTHER_COMPANY, oldest first."""
    companies = [CFPB_COMPANY] * scaled(220, scale, 40) + [OTHER_COMPANY] * scaled(60, scale, 10)
    span = (_LAST_RECEIVED - FIRST_DAY).days
    days = sorted(FIRST_DAY + timedelta(days=rng.randint(0, span)) for _ in companies)
    rng.shuffle(companies)
    number = 19_400_000
    complaints = []
    for company, day in zip(companies, days, strict=True):
        number += rng.randint(40, 900)
        complaints.append(_complaint(rng, str(number), company, day))
    return complaints


def _complaint(rng: random.Random, number: str, company: str, day: date) -> PublicComplaint:
    _, product, sub_product, issue, sub_issue, said = rng.choices(_KINDS, [k[0] for k in _KINDS])[0]
    state = rng.choice(tuple(_STATES))
    fresh = (_LAST_RECEIVED - day).days < 12
    response = rng.choices(tuple(_RESPONSES), tuple(_RESPONSES.values()))[0]
    if fresh and rng.random() < 0.7:
        response = "In progress"
    return PublicComplaint(
        complaint_id=number,
        company=company,
        product=product,
        sub_product=sub_product,
        issue=issue,
        sub_issue=sub_issue,
        narrative=_narrative(rng, said),
        state=state,
        zip_code=_STATES[state],
        submitted_via=rng.choices(("Web", "Phone", "Referral", "Postal mail"), (86, 8, 4, 2))[0],
        company_response=response,
        company_public_response=_PUBLIC_RESPONSE if rng.random() < 0.3 else None,
        timely="No" if response == "Untimely response" else "Yes",
        tags=rng.choices((None, "Older American", "Servicemember"), (90, 7, 3))[0],
        received_on=day,
        sent_on=min(day + timedelta(days=rng.choices((0, 1, 3), (80, 12, 8))[0]), _LAST_RECEIVED),
    )


def _narrative(rng: random.Random, said: tuple[str, ...]) -> str | None:
    """Most have a text; some have it empty (not consented), some lack the field."""
    draw = rng.random()
    if draw < 0.12:
        return None
    if draw < 0.42:
        return ""
    closing = rng.choice(
        ("", " I want my money back.", " Please help.", " This has been going on since XX/XX/2026.")
    )
    return " ".join(rng.sample(said, rng.randint(1, len(said)))) + closing


_VERSIONS = (
    (date(2026, 4, 1), "7.2.0"),
    (date(2026, 5, 20), "7.3.1"),
    (date(2026, 7, 9), "7.4.0"),
    (date(2026, 8, 28), "7.5.2"),
)
_STARS = {"cn": (17, 7, 11, 20, 45), "us": (24, 9, 13, 20, 34)}
_AUTHORS = {
    "cn": ("茶茶", "小鹿", "奶盖控", "不加糖", "阿May", "打工人", "momo", "山风", "Leo"),
    "us": ("boba_fan", "teatime", "jen", "Mike R", "foodie", "kay", "ohtea"),
}


def make_app_reviews(rng: random.Random, scale: float) -> list[AppReview]:
    """About 380 reviews in the Chinese store and 51 in the US one, newest first.

    51 never scales down: one more than a page holds, so the last page has a single entry.
    """
    found = [*_reviews(rng, "cn", scaled(380, scale, 55)), *_reviews(rng, "us", 51)]
    return sorted(found, key=lambda review: (review.updated, review.review_id), reverse=True)


def _reviews(rng: random.Random, country: str, number: int) -> Iterator[AppReview]:
    start = local(2026, 4, 1, 9)
    minutes = int((local(2026, 9, 29, 20) - start).total_seconds() // 60)
    moments = sorted(rng.sample(range(minutes), number))
    review_id = 14_100_000_000 if country == "cn" else 14_100_000_500
    for moment in moments:
        at = start + timedelta(minutes=moment, seconds=rng.randrange(60))
        review_id += rng.randint(1000, 90_000)
        rating = rng.choices((1, 2, 3, 4, 5), _STARS[country])[0]
        title, body = texts.app_review(rng, country, rating)
        votes = rng.choices((0, 1, 2, 5, 9), (80, 10, 5, 3, 2))[0]
        yield AppReview(
            review_id=str(review_id),
            country=country,
            rating=rating,
            title=title,
            body=body,
            version=next(v for day, v in reversed(_VERSIONS) if at.date() >= day),
            author=f"{rng.choice(_AUTHORS[country])}{rng.randrange(1000)}",
            updated=f"{at:%Y-%m-%dT%H:%M:%S}-07:00",
            vote_sum=rng.randint(0, votes),
            vote_count=votes,
        )
