"""Fixtures that every kind of test shares."""

from __future__ import annotations

from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def repository() -> Path:
    """The checkout that the tests stand in."""
    return REPOSITORY


@pytest.fixture(scope="session")
def shared() -> Path:
    """The real captures and exports beside the checkout; skips where they are absent."""
    folder = REPOSITORY.parent / "shared"
    if not (folder / "captures" / "SOURCES.tsv").exists():
        pytest.skip("no ../shared beside this checkout: the real captures are not here")
    return folder
