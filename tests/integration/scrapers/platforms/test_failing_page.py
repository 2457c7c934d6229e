"""One complaint's page that can't be read: it holds the cursor for three nights, not for good."""

from __future__ import annotations

import pytest

from demo.replica.failures import Wire
from demo.replica.sites.heimao import HeimaoSite, sample_rows

pytestmark = pytest.mark.integration
SOURCE = {"platform": "heimao"}


def test_a_page_that_is_never_readable_holds_the_cursor_for_three_nights(crawl):
    rows = sample_rows(6)
    broken = Wire("reset", where=f"/complaint/view/{rows[2].key}/")
    nights = [crawl(HeimaoSite(rows), broken, day=day)[0] for day in range(5)]
    assert [night.run.status for night in nights] == [
        "partial",
        "partial",
        "partial",
        "complete",
        "complete",
    ]
    assert rows[2].key in nights[3].run.message
    assert nights[3].run.watermark == rows[0].at
    steps = {row["complaint_id"] for row in nights[-1].records("complaint_event")}
    assert steps == {row.key for row in rows} - {rows[2].key}
