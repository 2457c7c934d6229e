"""Running one part of the bench in a process of its own, and making the deployment it works on."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

PLATFORMS = Path(__file__).parent / "platforms"
KEY = "for the bench alone, no secret"


def run_module(module: str, *arguments: str) -> dict[str, Any]:
    """What a module of ours prints as JSON. Raises RuntimeError with what it said instead."""
    done = subprocess.run(  # noqa: S603 - our own modules
        [sys.executable, "-m", module, *arguments],
        env={**os.environ, "VOC_PII_KEY": KEY},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        said = "\n".join(done.stderr.splitlines()[-15:])
        raise RuntimeError(f"{module} ended with {done.returncode}:\n{said}")
    return dict(json.loads(done.stdout))


def make_home(home: Path, sources: Mapping[str, tuple[str, str]], interval: float) -> Path:
    """A deployment with these sources (name -> platform, address), asked every so many seconds."""
    config = home / "config"
    shutil.copytree(PLATFORMS, config / "platforms")
    _write(
        config / "deployment.yml",
        {"name": "bench", "start_date": "2026-01-01", "contact": "voc@yunwu.example"},
    )
    listed = {
        name: {
            "platform": platform,
            "base_url": url,
            "allow_private_hosts": True,
            "politeness": {"min_interval_seconds": interval},
        }
        for name, (platform, url) in sources.items()
    }
    _write(config / "sources.yml", {"sources": listed})
    return home


def _write(path: Path, told: Mapping[str, Any]) -> None:
    path.write_text(yaml.safe_dump(dict(told), sort_keys=False), encoding="utf-8")
