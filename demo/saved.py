"""The page that somebody at the demo company saved from Dianping, and dropped to be read."""

from __future__ import annotations

from demo.boards import SHOP, SHOP_UNIT
from demo.replica.exchange import Asked
from demo.replica.sites.dianping import DianpingSite
from demo.world import Company

SAVED_PAGE = "landing/platforms/dianping/云雾茶门店点评.html"
_PATH = f"/shop/{SHOP}/review_all/p1?queryType=sortType&queryVal=latest"
_STAMP = f"""\
<!DOCTYPE html> <html><!--
 Page saved with SingleFile
 url: https://www.dianping.com{_PATH}
 saved date: Wed Sep 30 2026 21:40:12 GMT+0800 (China Standard Time)
-->"""
"""How a browser's tool for saving pages begins them. The address says which shop it is, the time
which day `3小时前` was."""


def saved_pages(company: Company) -> dict[str, bytes]:
    """Path below the deployment's folder -> a page of reviews, as it lies on the disk."""
    name = next(unit.name for unit in company.units if unit.unit_id == SHOP_UNIT)
    site = DianpingSite(company.shop_reviews, shop=SHOP, name=name)
    answer = site.answer(Asked(_PATH))
    if answer is None:
        raise ValueError(f"Dianping's replica has no page {_PATH}.")
    page = answer.body.decode().removeprefix("<!DOCTYPE html><html>")
    return {SAVED_PAGE: f"{_STAMP}{page}".encode()}
