"""Writing the demo company into a deployment's folder: config, landing files, planted truths."""

from __future__ import annotations

import json
from pathlib import Path

from demo.config import config_files
from demo.files import landing_files
from demo.saved import saved_pages
from demo.truths import truths
from demo.world import Company

TRUTHS = "truths.json"


def home_files(company: Company, *, replica_url: str) -> dict[str, bytes]:
    """Path below the deployment's folder -> bytes: a pure function of its arguments."""
    landing = landing_files(company)
    found = {path: text.encode() for path, text in config_files(replica_url).items()}
    found |= {file.path: file.content() for file in landing}
    found |= saved_pages(company)
    planted = json.dumps(truths(company, landing), ensure_ascii=False, indent=1)
    found[TRUTHS] = (planted + "\n").encode()
    return found


def write_home(home: Path, company: Company, *, replica_url: str) -> list[Path]:
    """Write config/, landing/ and truths.json below `home`; what else lies there stays.

    The same company and URL give the same bytes, so a second night finds its files unchanged; a
    file that already holds them is not touched. Returns the paths that were written.
    """
    written = []
    for name, content in home_files(company, replica_url=replica_url).items():
        path = home / name
        if path.exists() and path.read_bytes() == content:
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        written.append(path)
    return written
