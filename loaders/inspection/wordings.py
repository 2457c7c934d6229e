"""The words by which a column's part is known: in Chinese and English, some German and Spanish.

All are matched against folded text: lower case, half width, single spaces.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from loaders.headers import folded

NPS = re.compile(
    r"likel(?:y|ihood)\b.{0,80}?\brecommend|recommend.{0,80}?\blikel(?:y|ihood)\b"
    r"|\bnps\b|net promoter|promoter score|净推荐值|推荐(?:度|意愿|指数|值|评分)"
    r"|(?:多大|有多|多少|多高)?(?:程度|可能性?|意愿|愿意).{0,40}?推荐"
    r"|推荐.{0,40}?(?:可能性|多大|程度|意愿|打分|分)"
    r"|wahrscheinlich.{0,100}?(?:weiter)?empfehl|empfehl.{0,60}?wahrscheinlich"
    r"|probab(?:le|ilidad).{0,80}?recom(?:iend|end)|recom(?:iend|end).{0,60}?probab"
)
"""How likely it is that somebody recommends."""
RECOMMEND = re.compile(r"\brecommend(?!ed by|ation)|推荐|\bempfehlen|\brecom(?:ie|e)nda")
"""Recommending, without the question how likely it is."""
CSAT = re.compile(
    r"\bsatisf(?:ied|action|y|ies|ecto)|\bcsat\b|满意|zufrieden|satisf(?:ech|acci)|happy with"
)
CES = re.compile(
    r"\b(?:how )?eas(?:y|ier|ily|e)\b.{0,60}\b(?:for you|was it|to )"
    r"|\bhow (?:easy|difficult|hard)\b"
    r"|\bhow much effort|\beffort\b.{0,40}\b(?:did|to|put)|\bces\b|made it easy|effort score"
    r"|费力|省力|轻松|容易|费劲|花费.{0,6}(?:精力|力气)"
    r"|(?:wie einfach|wie leicht)|(?:qué tan|cuán) fácil"
)
OVERALL = re.compile(r"\boverall\b|in general|总体|整体|总的|insgesamt|en general")
WHY = re.compile(
    r"\bwhy\b|\breasons?\b|\bcomments?\b|\bsuggest|\bfeedback\b|\bimprov|anything else|tell us"
    r"|\bthoughts\b|原因|理由|为什么|建议|意见|评论|想说|改进|不足|吐槽|反馈|备注|留言"
    r"|\bwarum\b|\bgrund\b|\banmerkung|\bpor qué\b|\bcomentario"
)
WHY_SCORE = re.compile(
    r"\b(?:score|rating)\b|\bwhy\b|\breasons?\b|原因|理由|为什么|打分|评分|warum|por qué"
)
WITH_FEATURE = re.compile(
    r"如果(?:我们|产品|系统|app|门店)?(?:有|具备|提供|支持|增加|能够?)|\(?(?:正向|正面)"
    r"|\bif\b.{0,60}\b(?:had|has|have|offered|is present|included)\b|functional"
)
WITHOUT_FEATURE = re.compile(
    r"如果(?:我们|产品|系统|app|门店)?(?:没有?|不|无|缺少|取消)|\(?(?:负向|反向|负面)"
    r"|\bif\b.{0,60}\b(?:did not|didn'?t|does not|doesn'?t|without|no longer|is absent)\b"
    r"|dysfunctional"
)
EXPECTED = re.compile(r"期望|预期|期待|\bexpect(?:ed|ation)?")
ACTUAL = re.compile(r"实际|体验|感受|表现|\bactual|\bexperienced?\b|\bperceived|\bperformance")
IMPORTANCE = re.compile(r"重要|\bimportan(?:t|ce)")
RANK = re.compile(r"\brank(?:ing)?\b|排序|排名")
"""Putting things into an order, which is no scale."""
SCALE_ENDS = re.compile(
    r"satisf|agree|likely|eas(?:y|ier)|difficult|effort|happy|good|poor|bad|excellent"
    r"|满意|同意|愿意|可能|容易|轻松|费力|困难|好|差|zufrieden|einfach"
)
"""What the labels of a scale are made of."""

_STORE = r"(?:store|shop|branch|outlet|restaurant|unit|dealer|site)"
_SHOP = r"(?:所属|服务|消费|到访)?(?:门店|店铺|店面|分店|网点|营业厅|餐厅)"

NAMES: Mapping[str, tuple[re.Pattern[str], ...]] = {
    "response_id": (
        re.compile(
            r"(?:response|respondent|submission|record|answer|entry) ?(?:id|number|no|key)"
            r"|(?:答卷|问卷|答题|提交|记录)(?:编号|id|号|序号)"
        ),
        re.compile(r"unique id|token|lfdn|case id|序号|编号|#|id"),
    ),
    "customer_id": (
        re.compile(
            r"(?:customer|client|user|member|account|buyer|guest|cust) ?(?:id|no|number|key|code)"
            r"|external ?(?:data)? ?reference|kundennummer"
            r"|(?:客户|会员|用户|顾客|买家)(?:编号|编码|id|号|卡号|标识)"
        ),
        re.compile(r"custom data 1|自定义字段"),
    ),
    "invitation_id": (
        re.compile(
            r"(?:invitation|invite|invitee|survey link|mailing) ?(?:id|no|key|code)"
            r"|邀请(?:编号|id|码|号)"
        ),
    ),
    "unit_id": (
        re.compile(
            rf"{_STORE} ?(?:id|no|number|code|key)|{_SHOP}(?:编号|编码|id|代码|号)|filialnummer"
        ),
        re.compile(rf"{_STORE}(?: name)?|{_SHOP}(?:名称)?|filiale|tienda|sucursal"),
    ),
    "touchpoint_id": (re.compile(r"touch ?point ?(?:id|name)?|触点(?:编号|编码|id|名称)?"),),
    "submitted_at": (
        re.compile(
            r"(?:end|submit|submitted|submission|completed) ?(?:date|time|at)(?: ?\(utc\))?"
            r"|(?:date|time) (?:submitted|completed)|submitted|completed"
            r"|(?:提交|完成|结束|交卷)(?:答卷|问卷)?(?:的)?(?:时间|日期)"
        ),
        re.compile(
            r"(?:response|recorded) ?(?:date|time|at)|timestamp|时间戳(?:记)?|zeitstempel"
            r"|marca temporal|horodateur|(?:填写|作答|答题)(?:时间|日期)|date|日期|时间"
        ),
    ),
    "started_at": (
        re.compile(
            r"(?:start|started|begin) ?(?:date|time|at)(?: ?\(utc\))?|(?:date|time) started"
            r"|开始(?:答题|填写|作答|答卷)?(?:时间|日期)"
        ),
    ),
    "duration_seconds": (
        re.compile(
            r"duration(?: \(in seconds\)| seconds| s| in seconds)?"
            r"|time taken|interviewtime|total time"
            r"|(?:所用|答题|作答|填写)?(?:时长|用时|耗时)(?:\(秒\))?|(?:所用|答题|作答|填写)时间"
        ),
    ),
    "device": (
        re.compile(r"device ?id|设备(?:编号|id|号)"),
        re.compile(r"ip ?address|ip|来自ip|ip ?地址"),
    ),
    "phone": (
        re.compile(
            r"(?:recipient ?)?(?:phone|mobile|telephone)(?: ?number)?"
            r"|手机(?:号|号码)?|(?:联系)?电话(?:号码)?|联系方式"
        ),
    ),
    "email": (
        re.compile(
            r"(?:recipient ?)?e-?mail(?: ?address)?|(?:电子)?邮(?:箱|件)(?:地址)?"
            r"|e-?mail des empfängers|correo(?: electrónico)?"
        ),
    ),
    "channel": (
        re.compile(r"(?:distribution |survey )?channel|渠道|(?:答题|来源)渠道"),
        re.compile(r"source|collector(?: name)?|来源"),
    ),
    "language": (re.compile(r"(?:user ?|survey |start ?)?language|locale|语言|sprache|idioma"),),
}
"""Role -> what its column is called and nothing else: what is surest first."""

_AROUND = re.compile(
    r"^(?:q?\d+\s*[.、:)]\s*)?(?:请?(?:填写|输入|留下))?(?:您|你)?(?:所在|消费|光顾|到访)?的?|\s*\(单选(?:题)?\)|[\s:?*]+$"
)


def bare(header: str) -> str:
    """A header without its number and what stands around it: `3、您的门店：` -> `门店`."""
    return _AROUND.sub("", folded(header)).replace("_", " ").strip()
