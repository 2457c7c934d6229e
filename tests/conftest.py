"""Fixtures that every kind of test shares."""

from __future__ import annotations

from pathlib import Path

import pytest
from xdist.scheduler.loadscope import LoadScopeScheduling

REPOSITORY = Path(__file__).resolve().parents[1]
TOGETHER = ("tests/e2e/test_demo_", "tests/integration/marts/")
"""Tests whose path begins so share a night that takes minutes: one worker gets them all."""


class ByNight(LoadScopeScheduling):
    """A worker gets the tests of a file, or of all files that share a night."""

    def _split_scope(self, nodeid: str) -> str:
        shared = next((begin for begin in TOGETHER if nodeid.startswith(begin)), None)
        return shared or nodeid.split("::", 1)[0]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> ByNight:
    """How tests are given to workers."""
    return ByNight(config, log)  # type: ignore[arg-type]


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
