"""Which request an address belongs to, and what its variables are."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from scrapers.drops.matching import Matcher
from scrapers.registry import Platforms

CHINA = ZoneInfo("Asia/Shanghai")


def matcher(platform: str, base_url: str | None = None, **options: object) -> Matcher:
    found = Platforms().load(platform)
    return Matcher(found, base_url or found.spec.base_url, CHINA, options)


@pytest.mark.parametrize(
    ("url", "request_name", "variables"),
    [
        ("/complaint/view/17300000001/", "view", {"complaint_id": "17300000001"}),
        ("/complaint/view/17300000001?sld=ab", "view", {"complaint_id": "17300000001"}),
        ("/api/index/feed?type=2&page=3&page_size=10", "feed", {"page": "3"}),
        ("/api/company/received_complaints?couid=5001&callback=cb", "received", {"couid": "5001"}),
        # A constant that says otherwise is another request; one that is missing is not.
        ("/api/index/feed?type=9", None, {}),
        ("/api/index/feed", "feed", {}),
        ("/complaint/view/1/more", None, {}),
        ("/", None, {}),
    ],
)
def test_an_address_tells_its_request(
    url: str, request_name: str | None, variables: dict[str, str]
) -> None:
    named = matcher("heimao").named(f"https://tousu.sina.com.cn{url}")
    assert next(iter(named.items()), (None, {})) == (request_name, variables)


def test_an_address_below_the_path_of_the_base_url() -> None:
    found = matcher("heimao", "https://proxy.example/tousu").named(
        "https://proxy.example/tousu/complaint/view/17300000001/"
    )
    assert found == {"view": {"complaint_id": "17300000001"}}


def test_the_first_page_of_a_list_may_have_no_number() -> None:
    first = matcher("dianping").named("https://www.dianping.com/shop/H1a2/review_all")
    third = matcher("dianping").named("https://www.dianping.com/shop/H1a2/review_all/p3")
    assert first == {"reviews": {"shop_id": "H1a2"}}
    assert third == {"reviews": {"shop_id": "H1a2", "page": "3"}}


def test_one_shop_of_the_source_is_taken_for_granted_and_several_are_not() -> None:
    assert matcher("heimao", couid=("5001",)).context({})["couid"] == "5001"
    assert "couid" not in matcher("heimao", couid=("5001", "5002")).context({})
    assert matcher("heimao", couid=("5001",)).context({"couid": "7"})["couid"] == "7"


def test_a_platforms_export_may_only_name_fields_of_its_record() -> None:
    from pydantic import ValidationError

    from scrapers.spec import PlatformSpec

    spec = Platforms().load("heimao").spec.model_dump(mode="json", by_alias=True)
    spec["exports"]["search"]["columns"]["heading"] = ["标题"]
    with pytest.raises(ValidationError, match="has the column 'heading'"):
        PlatformSpec.model_validate(spec)
