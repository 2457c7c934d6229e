"""Saying how far the night has come: a live line on a terminal, plain lines elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)
from rich.progress import TaskID as RichTask

WIDTH_WITHOUT_TERMINAL = 120  # logs are read in wide windows; 80 would cut tables

SECONDS_BETWEEN_LINES = 10.0


def plain_console(*, stderr: bool) -> Console:
    """A console that prints text as it is: no markup read into it, no words coloured."""
    console = Console(stderr=stderr, highlight=False, markup=False, emoji=False)
    if not console.is_terminal:
        console.width = WIDTH_WITHOUT_TERMINAL
    return console


class Reporter:
    """Reports the steps of a run on stderr. Safe to call from several threads."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or plain_console(stderr=True)
        self._bar: Progress | None = None
        self._task: RichTask | None = None
        self._lock = Lock()
        self._started = time.monotonic()

    @contextmanager
    def step(self, title: str, total: int | None = None) -> Iterator[None]:
        """A step of the night: its title while it runs, its seconds when it is done."""
        begun = time.monotonic()
        if self.console.is_terminal:
            columns = (
                SpinnerColumn(),
                TextColumn("{task.description}"),
                BarColumn(bar_width=30),
                MofNCompleteColumn(),
                TimeElapsedColumn(),
            )
            with Progress(*columns, console=self.console, transient=True) as bar:
                self._bar, self._task = bar, bar.add_task(title, total=total)
                try:
                    yield
                finally:
                    self._bar = self._task = None
        else:
            self._line(f"{title} …")
            yield
        self._line(f"{title}: done in {time.monotonic() - begun:.1f} s")

    def note(self, text: str) -> None:
        """One line worth keeping, such as a source's result."""
        self._line(f"  {text}")

    def advance(self, done: str = "", count: int = 1) -> None:
        """One more item of the current step is done, or `count` of them."""
        with self._lock:
            if self._bar is not None and self._task is not None:
                self._bar.advance(self._task, count)
        self.detail(done)

    def counter(self, what: str, total: int | None = None) -> Callable[[int], None]:
        """Tells of every so many more that are done: on the bar, else now and then in a line."""
        done, told = 0, time.monotonic()

        def count(more: int) -> None:
            nonlocal done, told
            done += more
            self.advance(what, more)
            if not self.console.is_terminal and time.monotonic() - told > SECONDS_BETWEEN_LINES:
                told = time.monotonic()
                self.note(f"{done:,} {what}" if total is None else f"{done:,} of {total:,} {what}")

        return count

    def detail(self, text: str) -> None:
        """What is being worked on right now; shown on a terminal only."""
        with self._lock:
            if self._bar is not None and self._task is not None and text:
                self._bar.update(self._task, description=text[:60])

    def _line(self, text: str) -> None:
        with self._lock:
            elapsed = time.monotonic() - self._started
            self.console.print(f"{elapsed:6.1f} s  {text}", soft_wrap=True)


class Silent(Reporter):
    """A reporter that says nothing, for tests."""

    def _line(self, text: str) -> None:
        return
