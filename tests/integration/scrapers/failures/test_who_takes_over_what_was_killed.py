"""What a killed crawl left belongs to the next whole crawl, not to a trial or to dropped files."""

from __future__ import annotations

import pytest

from demo.replica.sites.plain import PlainSite, sample_rows
from scrapers.crawl import Mode
from scrapers.http.hosts import Hosts

pytestmark = pytest.mark.integration


class KilledError(BaseException):
    """What a kill is to the code: nothing catches it."""


@pytest.mark.parametrize("mode", [Mode(limit=1), Mode(live=False)])
def test_trials_and_drops_leave_it_where_it_is(source, declared, mode):
    site, waits = PlainSite(sample_rows(60)), []

    def sleep(seconds):
        waits.append(seconds)
        if len(waits) == 3:
            raise KilledError

    source.hosts = Hosts(sleep, lambda: 1000.0)
    with pytest.raises(KilledError):
        source.night(site, declared=declared())
    source.hosts = None
    source.night(site, declared=declared(), mode=mode, attempt=2)
    whole = source.night(site, declared=declared(), attempt=3)
    assert whole.run.status == "complete", whole.run.message
    assert len(whole.keys) == 60
    assert [served.path for served in whole.asked] == ["/items?page=3"]
