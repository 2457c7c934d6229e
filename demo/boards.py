"""What is said on two Chinese sites: complaints on Heimao, and a store's reviews on Dianping.

These are rows as the sites' replicas show them: their times are aware.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta

from demo import texts
from demo.replica.sites import dianping, heimao
from demo.replica.sites.rows import CHINA, NEWEST
from demo.world import BRAND, FIRST_DAY, scaled

OTHER_BRAND = "朝汐咖啡"
"""Somebody else's complaints in the feed that shows everybody's: the option `company` must leave
them out."""
SHOP = "H7w2Yn4Tea9Q"
"""A store of the chain as Dianping numbers it."""
SHOP_UNIT = "s002"
"""The store it is: in the East, in a chain of any size."""

_BEGINS = datetime(FIRST_DAY.year, FIRST_DAY.month, FIRST_DAY.day, 9, tzinfo=CHINA)
_PLATFORM = "黑猫消费者服务平台"
_OTHER_COUID = "5002"
_GOALS = (
    heimao.COMPLETED,
    heimao.REPLIED,
    heimao.COMPLETED,
    heimao.CLOSED,
    heimao.IN_PROGRESS,
    heimao.COMPLETED,
    heimao.REPLIED,
    heimao.TO_ASSIGN,
    heimao.COMPLETED,
    heimao.CLOSED,
    heimao.REPLIED,
    heimao.APPROVED,
)
"""How far complaints get if they have the time, in turn: every status has some."""
_NAMES = ("听泉的砚台", "竹影煮雪", "半山鹿铃", "青岚渡口", "晚舟拾贝", "檐下数星", "荞麦枕月")
_MORE = (
    "我当场向店员反映，对方只说会往上报，之后再没有下文。",
    "拨打客服电话三次，前两次无人接听，第三次让我等回电，一直没有等到。",
    "在线客服只会重复同样的几句话，转人工排队超过半小时。",
    "订单截图、付款凭证和现场照片我都保留着，可以随时提供。",
    "同行的朋友也遇到了同样的情况，说明这不是偶然。",
    "我是多年的老顾客，平时每周都会来两三次，这次实在失望。",
    "店长答应当天给答复，可是我等到打烊也没有人联系我。",
    "后来客服提出送一张优惠券了事，我不接受这样的处理方式。",
    "我的诉求很简单：说明原因，按承诺处理，不要再让顾客来回奔波。",
    "如果三天内还没有结果，我会继续向有关部门反映。",
)
_APPEALS = ("退款", "赔偿", "道歉", "退款,道歉", "改善服务", "解释,退款")
_COSTS = ("0", "18.5", "26", "39", "88", "128")
_REPLIES = (
    "您好，门店已与您联系，款项原路退回，请留意到账。",
    "非常抱歉给您带来不便，已为您补发等值饮品券，并对门店做了提醒。",
    "您好，经核实是系统延迟，相关权益已恢复，感谢您的反馈。",
)
_VERDICTS = ("处理得还行", "拖了几天，总算解决了", "态度不错", "希望以后不要再发生")
_ANSWERS = ("感谢光临，您的建议我们已转给门店。", "很抱歉没有让您满意，我们会改进。")


def make_complaints(rng: random.Random, scale: float) -> list[heimao.Complaint]:
    """About 60 complaints about the chain and 15 about OTHER_BRAND, newest first."""
    brands = [BRAND] * scaled(60, scale, 12) + [OTHER_BRAND] * scaled(15, scale, 4)
    rng.shuffle(brands)
    moments = _moments(rng, len(brands))
    number = 17_390_000_000
    found = []
    for place, (brand, at) in enumerate(zip(brands, moments, strict=True)):
        number += rng.randint(40, 9_000)
        found.append(_complaint(rng, str(number), brand, at, _GOALS[place % len(_GOALS)]))
    return found[::-1]


def _moments(rng: random.Random, number: int) -> list[datetime]:
    """Moments of the demo's history, oldest first."""
    minutes = int((NEWEST - _BEGINS).total_seconds() // 60)
    return [_BEGINS + timedelta(minutes=n) for n in sorted(rng.sample(range(minutes), number))]


def _author(rng: random.Random) -> str:
    """A name that stands nowhere by chance: tests look for it where no name may be."""
    return f"{rng.choice(_NAMES)}{rng.randrange(10**6):06d}"


def _complaint(
    rng: random.Random, sn: str, brand: str, at: datetime, goal: int
) -> heimao.Complaint:
    issue = rng.choice(texts.ISSUES)
    more = rng.sample(_MORE, rng.choice((0, 1, 2, 7)))  # with 7, a list shows its beginning only
    text = texts.case_text(rng, issue, "zh") + "".join(more)
    author = _author(rng)
    steps, status = _course(rng, brand, at, author, text, goal)
    is_rated = status == heimao.COMPLETED and rng.random() < 0.6
    return heimao.Complaint(
        key=sn,
        at=at,
        text=text,
        author=author,
        title=f"{brand}{issue}，要求处理",
        issue=issue,
        appeal=rng.choice(_APPEALS),
        cost=rng.choice(_COSTS),
        status=status,
        steps=steps,
        rating=_rating(rng) if is_rated else None,
        company=brand,
        couid=heimao.COUID if brand == BRAND else _OTHER_COUID,
    )


def _rating(rng: random.Random) -> heimao.Rating:
    return heimao.Rating(
        attitude=rng.randint(1, 5),
        process=rng.randint(1, 5),
        satisfaction=rng.randint(1, 5),
        comment=rng.choice(_VERDICTS),
    )


def _course(
    rng: random.Random, brand: str, at: datetime, author: str, text: str, goal: int
) -> tuple[tuple[heimao.Step, ...], int]:
    """A complaint's steps on its way to `goal`, and how far it came before the demo's night."""
    steps = [heimao.Step(at, author, "发起投诉", text)]
    status = heimao.APPROVED
    for reached, who, what, said in _story(rng, brand, author, goal):
        at += timedelta(minutes=rng.randint(20, 2_880), seconds=rng.randrange(60))
        if at > NEWEST:
            break
        status = reached
        if what:
            steps.append(heimao.Step(at, who, what, said))
    return tuple(steps), status


def _story(
    rng: random.Random, brand: str, author: str, goal: int
) -> Iterator[tuple[int, str, str, str]]:
    """Status, who, what (nothing: the status alone changes) and what is said, up to `goal`."""
    yield heimao.APPROVED, _PLATFORM, "审核通过", ""
    if goal >= heimao.TO_ASSIGN:
        yield heimao.TO_ASSIGN, "", "", ""
    if goal >= heimao.IN_PROGRESS:
        yield heimao.IN_PROGRESS, _PLATFORM, "已分配商家", f"投诉对象[{brand}]"
        if rng.random() < 0.3:
            yield heimao.IN_PROGRESS, author, "补充投诉", rng.choice(_MORE)
    if goal in (heimao.REPLIED, heimao.COMPLETED):
        yield heimao.REPLIED, f"{brand}客服", "回复投诉", rng.choice(_REPLIES)
    if goal == heimao.COMPLETED:
        yield heimao.COMPLETED, author, "确认完成投诉", "已解决，感谢。"
    if goal == heimao.CLOSED:
        yield heimao.CLOSED, _PLATFORM, "投诉关闭", "长时间未补充信息，投诉已关闭。"


def make_shop_reviews(rng: random.Random) -> list[dianping.Review]:
    """The 15 reviews on the first page of a store, newest first: a page does not scale."""
    found = []
    number = 1_760_000_000
    for at in _moments(rng, dianping.PER_PAGE):
        number += rng.randint(100, 90_000)
        found.append(_review(rng, str(number), at))
    return found[::-1]


def _review(rng: random.Random, key: str, at: datetime) -> dianping.Review:
    score = rng.choices((2, 4, 5, 7, 8, 9, 10), (2, 2, 2, 3, 4, 4, 3))[0]
    sentences = rng.choice((1, 1, 3))
    topics = {"taste": 2, "speed": 1, "staff": 1}
    is_answered = rng.random() < 0.3
    return dianping.Review(
        key=key,
        at=at,
        text="".join(texts.comment(rng, "zh", score, topics) for _ in range(sentences)),
        author=_author(rng),
        stars=score / 2,
        scores=tuple((name, rng.randint(4, 10) / 2) for name in ("口味", "环境", "服务")),
        price=rng.choice((None, 18, 22, 26, 35)),
        reply=rng.choice(_ANSWERS) if is_answered else "",
        replied_at=at + timedelta(hours=3) if is_answered else None,
    )
