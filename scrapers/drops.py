"""Saved pages and exports that people dropped into landing/platforms/<source>/."""

from __future__ import annotations

from pathlib import Path

from scrapers.night import Night


def read_drops(night: Night, folder: Path) -> None:
    """Read every file of the folder that was not read before."""
