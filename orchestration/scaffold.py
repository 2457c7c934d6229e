"""`voc init`: the first files of a deployment, commented for whoever edits them."""

from __future__ import annotations

from pathlib import Path

from lake.config import ConfigError, Problem
from lake.entities import EXTRACTS

CONFIG_FILES = ("deployment.yml", "sources.yml", "surveys.yml", "extracts.yml", "taxonomy.yml")


def scaffold_file(name: str) -> Path:
    """One of the shipped files that `voc init` copies."""
    return Path(__file__).parent / "scaffold_files" / name


def write_scaffold(home: Path) -> list[Path]:
    """Write what is missing and return it; nothing that exists is touched.

    Raises ConfigError when `home` is a file, or can't be written to.
    """
    written = []
    try:
        for entity in EXTRACTS:
            (home / "landing" / "extracts" / entity).mkdir(parents=True, exist_ok=True)
        (home / "landing" / "surveys").mkdir(parents=True, exist_ok=True)
        (home / "landing" / "platforms").mkdir(parents=True, exist_ok=True)
        (home / "config").mkdir(parents=True, exist_ok=True)
        for name in CONFIG_FILES:
            path = home / "config" / name
            if not path.exists():
                path.write_text(scaffold_file(name).read_text("utf-8"), encoding="utf-8")
                written.append(path)
    except OSError as error:
        mend = "Choose another folder, or mend its rights."
        what = f"can't be made into a deployment: {error.strerror}."
        raise ConfigError([Problem(home, None, "", what, mend)]) from error
    return written
