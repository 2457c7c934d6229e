"""Any site with schema.org reviews: products found through the sitemap, reviews in their pages.

`SchemaOrgSite(sample_rows(40), markup="json_ld")` answers
- `/robots.txt` with a Sitemap line, `/sitemap.xml` (an index), `/sitemap-products.xml` (each
  product with its lastmod),
- `/products/{product}.html`: an AggregateRating and its Reviews, by `markup`:
  `json_ld`: one block, reviews inside the Product; `graph`: below `@graph`, among other things;
  `list`: a block that is a list, Reviews beside the Product; `comment`: with a JS comment before
  it; `microdata`: itemscope and itemprop;
- `/products/{product}`: the same page.
Reviews have no id unless `with_ids`.
"""

from __future__ import annotations

import html
import json
import random
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from demo import texts
from demo.replica.exchange import Answer, Asked, html_answer
from demo.replica.rendering import Rendering
from demo.replica.sites.rows import AUTHORS, Row, RowSite, times

PRODUCTS = {
    "jasmine-cold-brew": "云雾茶 茉莉雪芽冷泡茶",
    "oolong-gift-box": "云雾茶 桂花乌龙礼盒",
    "matcha-coconut": "Yunwu Coconut Matcha",
}
Markup = Literal["json_ld", "graph", "list", "comment", "microdata"]
_CONTEXT = "https://schema.org"
_XML = "application/xml; charset=utf-8"
_NAMESPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


@dataclass(frozen=True)
class Review(Row):
    """A review of a product, `rating` of `best`."""

    product: str
    title: str
    rating: float
    best: float = 5


class SchemaOrgSite(RowSite[Review]):
    """See the module."""

    def __init__(
        self, rows: Iterable[Review], *, markup: Markup = "json_ld", with_ids: bool = False
    ) -> None:
        super().__init__(rows)
        self._markup, self._with_ids = markup, with_ids

    def answer(self, asked: Asked) -> Answer | None:
        """See Site."""
        base = f"http://{asked.host}"
        if asked.path == "/robots.txt":
            robots = f"User-agent: *\nDisallow: /admin/\nSitemap: {base}/sitemap.xml\n"
            return Answer(robots.encode())
        if asked.path == "/sitemap.xml":
            return _xml(
                "sitemapindex", f"<sitemap><loc>{base}/sitemap-products.xml</loc></sitemap>"
            )
        if asked.path == "/sitemap-products.xml":
            return self._sitemap(base, asked.rendering)
        product = asked.path.removeprefix("/products/").removesuffix(".html")
        if asked.path.startswith("/products/") and product in PRODUCTS:
            return self._product(product, asked.rendering)
        return None

    def _sitemap(self, base: str, draw: Rendering) -> Answer:
        rows = self.shown(draw)
        urls = []
        for product in PRODUCTS:
            newest = max((row.at for row in rows if row.product == product), default=None)
            changed = f"<lastmod>{newest.isoformat()}</lastmod>" if newest else ""
            link = html.escape(draw.link(f"{base}/products/{product}.html"))
            urls.append(f"<url><loc>{link}</loc>{changed}</url>")
        return _xml("urlset", "".join(urls))

    def _product(self, product: str, draw: Rendering) -> Answer:
        rows = draw.page(row for row in self.shown(draw) if row.product == product)
        if self._markup == "microdata":
            return html_answer(draw.html(_page("", self._microdata(product, rows, draw))))
        text = json.dumps(draw.tree(self._block(product, rows, draw)), ensure_ascii=False, indent=1)
        if self._markup == "comment":
            text = f"// made by the shop's own plugin\n{text}"
        text = text.replace("</", "<\\/")
        script = f'<script type="application/ld+json">{text}</script>'
        return html_answer(draw.html(_page(script, f"<h1>{PRODUCTS[product]}</h1>")))

    def _block(self, product: str, rows: list[Review], draw: Rendering) -> Any:
        reviews = [draw.record(self._review(row, draw), n) for n, row in enumerate(rows)]
        found: dict[str, Any] = {
            "@context": _CONTEXT,
            "@type": "Product",
            "name": PRODUCTS[product],
            "sku": product,
            "brand": {"@type": "Brand", "name": "云雾茶"},
        }
        if rows:
            found["aggregateRating"] = _aggregate(rows, draw)
        if self._markup == "list":
            about = {"@type": "Product", "name": PRODUCTS[product]}
            return [found, *({"@context": _CONTEXT, "itemReviewed": about} | r for r in reviews)]
        found["review"] = reviews
        if self._markup == "graph":
            del found["@context"]
            shop = {"@type": "Organization", "@id": "#shop", "name": "云雾茶 Yunwu Tea"}
            return {"@context": _CONTEXT, "@graph": [shop, {"@type": "WebPage"}, found]}
        return found

    def _review(self, row: Review, draw: Rendering) -> dict[str, Any]:
        rating = {"@type": "Rating", "ratingValue": row.rating, "bestRating": row.best}
        review: dict[str, Any] = {
            "@type": "Review",
            "@id": draw.key(f"#review-{row.key}") if self._with_ids else None,
            "author": {"@type": "Person", "name": row.author},
            "datePublished": draw.moment(row.at, row.at.isoformat()),
            "name": row.title,
            "reviewBody": row.text,
            "reviewRating": rating,
        }
        return {name: value for name, value in review.items() if value is not None}

    def _microdata(self, product: str, rows: list[Review], draw: Rendering) -> str:
        items = "".join(draw.item(self._item(row, draw), n) for n, row in enumerate(rows))
        mean = _aggregate(rows, draw) if rows else None
        rating = (
            '<div itemprop="aggregateRating" itemscope itemtype="https://schema.org/AggregateRating">'
            f'<span itemprop="ratingValue">{mean["ratingValue"]}</span>'
            f'<meta itemprop="bestRating" content="{mean["bestRating"]}">'
            f'<span itemprop="reviewCount">{mean["reviewCount"]}</span></div>'
            if mean
            else ""
        )
        return (
            '<div itemscope itemtype="https://schema.org/Product">'
            f'<h1 itemprop="name">{PRODUCTS[product]}</h1><meta itemprop="sku" content="{product}">'
            f"{rating}{items}</div>"
        )

    def _item(self, row: Review, draw: Rendering) -> str:
        key = draw.key(f"#review-{row.key}") if self._with_ids else None
        item_id = f' itemid="{key}"' if key else ""
        date = draw.text(row.at, row.at.isoformat())
        return (
            f'<div class="review" itemprop="review" itemscope itemtype="https://schema.org/Review"'
            f'{item_id}><b itemprop="name">{html.escape(row.title)}</b>'
            '<span itemprop="author" itemscope itemtype="https://schema.org/Person">'
            f'<span itemprop="name">{html.escape(row.author)}</span></span>'
            f'<time itemprop="datePublished" datetime="{date}">{date[:10]}</time>'
            '<span itemprop="reviewRating" itemscope itemtype="https://schema.org/Rating">'
            f'<meta itemprop="ratingValue" content="{row.rating:g}">'
            f'<meta itemprop="bestRating" content="{row.best:g}"></span>'
            f'<p itemprop="reviewBody">{html.escape(row.text)}</p></div>'
        )


def sample_rows(n: int, seed: int = 1) -> list[Review]:
    """`n` invented reviews over all products, newest first."""
    rng = random.Random(f"schemaorg:{seed}")
    return [_sample(rng, at, n - place) for place, at in enumerate(times(rng, n))]


def _sample(rng: random.Random, at: datetime, number: int) -> Review:
    rating = rng.choices((1, 2, 3, 4, 5), (10, 6, 10, 24, 50))[0]
    title, _ = texts.app_review(rng, "cn", rating)
    return Review(
        key=str(number),
        at=at,
        text=texts.comment(rng, "zh", rating * 2, {"taste": 3, "price": 1}),
        author=rng.choice(AUTHORS),
        product=rng.choice(tuple(PRODUCTS)),
        title=title,
        rating=rating,
    )


def _aggregate(rows: list[Review], draw: Rendering) -> dict[str, Any]:
    mean = sum(row.rating / row.best for row in rows) / len(rows) * 5
    return {
        "@type": "AggregateRating",
        "ratingValue": round(mean, 1),
        "bestRating": 5,
        "reviewCount": draw.total(len(rows)),
    }


def _page(head: str, body: str) -> str:
    return (
        '<!DOCTYPE html><html lang="zh"><head><meta charset="utf-8"><title>云雾茶商城</title>'
        f"{head}</head><body>{body}</body></html>"
    )


def _xml(name: str, content: str) -> Answer:
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<{name} {_NAMESPACE}>{content}</{name}>\n'
    return Answer(text.encode(), 200, _XML)
