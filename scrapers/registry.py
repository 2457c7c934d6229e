"""The platforms: every folder with a source.yml, found at run time, with its hooks if it has any.

A platform's parser.py is optional. It may hold
    open_body(body: bytes, content_type: str) -> Any          for requests of format `own`
    find_items(document: Any, record: str) -> list[Any]       where a path can't find the items
"""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from lake.config import ConfigError, Problem, load_yaml
from scrapers.document import open_document
from scrapers.fields import Moment
from scrapers.parsing import Page
from scrapers.reading import Reader
from scrapers.spec import PlatformSpec

PLATFORMS = Path(__file__).parent / "platforms"


@dataclass(frozen=True)
class Platform:
    """A platform ready to be crawled: its name, declaration and hooks."""

    name: str
    spec: PlatformSpec
    hooks: ModuleType | None = None
    _readers: dict[str, Reader] = field(default_factory=dict, compare=False, repr=False)

    @property
    def parser_version(self) -> str:
        """What records carry: the platform and the version of its declaration."""
        return f"{self.name}-{self.spec.version}"

    def open(self, request: str, body: bytes, content_type: str) -> Any:
        """The document of a body. Raises PageProblemError."""
        declared = self.spec.requests[request]
        if declared.format == "own":
            return self._hook("open_body")(body, content_type)
        return open_document(body, content_type, declared)

    def read(self, request: str, document: Any, moment: Moment, context: Mapping[str, str]) -> Page:
        """The items of a document. Raises PageProblemError."""
        reader = self._readers.get(request)
        if reader is None:
            find = self._hook("find_items") if hasattr(self.hooks, "find_items") else None
            reader = Reader(self.spec, self.spec.requests[request], find)
            self._readers[request] = reader
        return reader.page(document, moment, context)

    def _hook(self, name: str) -> Any:
        hook = getattr(self.hooks, name, None)
        if hook is None:
            raise AttributeError(f"parser.py of the platform {self.name} has no {name}()")
        return hook


@dataclass(frozen=True)
class Platforms:
    """The folders that platforms are looked for in: the shipped ones, and a deployment's own."""

    folders: tuple[Path, ...] = (PLATFORMS,)

    def names(self) -> list[str]:
        """The platforms that exist, by their folders."""
        return sorted({p.parent.name for f in self.folders for p in f.glob("*/source.yml")})

    def load(self, name: str) -> Platform:
        """Read a platform. Raises KeyError when there is no such folder, ConfigError when its
        source.yml is wrong. A deployment's own platform goes before a shipped one."""
        for folder in reversed(self.folders):
            if (folder / name / "source.yml").exists():
                return _load(folder / name)
        raise KeyError(name)


@cache
def _load(folder: Path) -> Platform:
    declared = folder / "source.yml"
    spec = load_yaml(declared, PlatformSpec)
    hooks = _hooks(folder / "parser.py")
    own = next((name for name, r in spec.requests.items() if r.format == "own"), None)
    if own is not None and not hasattr(hooks, "open_body"):
        what = "`own` needs an open_body(body, content_type) in a parser.py beside this file."
        mend = "Write it, or choose another format."
        raise ConfigError([Problem(declared, None, f"requests.{own}.format", what, mend)])
    return Platform(folder.name, spec, hooks)


def _hooks(path: Path) -> ModuleType | None:
    if not path.exists():
        return None
    name = f"voc_platform_{path.parent.name}"
    found = importlib.util.spec_from_file_location(name, path)
    if found is None or found.loader is None:
        return None
    module = importlib.util.module_from_spec(found)
    try:
        found.loader.exec_module(module)
    except Exception as error:  # whatever somebody's module does
        what = f"it can't be loaded ({type(error).__name__}: {error})."
        raise ConfigError([Problem(path, None, "", what, "Mend it.")]) from error
    return module
