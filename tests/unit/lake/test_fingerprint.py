"""A lake knows its key, and refuses another before anything is written."""

from pathlib import Path

import pytest

from lake.config import UsageError
from lake.fingerprint import NAME, ChangedKeyError, check_key, keep_key
from lake.privacy import Privacy

FIRST, SECOND = Privacy(b"the first key, 16+"), Privacy(b"the second key, 16+")


def test_the_first_key_is_kept_and_another_is_refused(tmp_path: Path) -> None:
    check_key(tmp_path, FIRST)
    assert list(tmp_path.iterdir()) == []
    keep_key(tmp_path, FIRST)
    keep_key(tmp_path, FIRST)
    with pytest.raises(ChangedKeyError, match="voc rotate-key"):
        check_key(tmp_path, SECOND)
    with pytest.raises(ChangedKeyError):
        keep_key(tmp_path, SECOND)
    check_key(tmp_path, FIRST)


def test_the_fingerprint_does_not_hold_the_key(tmp_path: Path) -> None:
    keep_key(tmp_path, FIRST)
    (kept,) = tmp_path.iterdir()
    assert kept.name == NAME
    assert len(kept.read_text().strip()) == 8


def test_a_lake_that_is_older_than_its_fingerprint_is_refused(tmp_path: Path) -> None:
    (tmp_path / "records" / "source=_none" / "dt=1970-01-01").mkdir(parents=True)
    check_key(tmp_path, FIRST)
    (tmp_path / "records" / "source=extract_orders" / "dt=2026-01-01").mkdir(parents=True)
    with pytest.raises(UsageError, match="Move it aside"):
        keep_key(tmp_path, FIRST)
    assert not (tmp_path / NAME).exists()
