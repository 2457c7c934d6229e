"""The `voc` command. Exit codes: 0 published, 1 failed, 2 wrong usage or config, 3 held back."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.table import Table

from lake.config import ConfigError
from orchestration.progress import plain_console

PUBLISHED, FAILED, WRONG_USAGE, HELD = 0, 1, 2, 3

app = typer.Typer(
    name="voc",
    help="A nightly voice-of-customer warehouse: collect, build, check, publish.\n\n"
    "Exit codes: 0 published (or done), 1 failed, 2 wrong usage or config, "
    "3 ran but the quality gate held the release back.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
out = plain_console(stderr=False)
err = plain_console(stderr=True)

HomeOption = Annotated[
    Path,
    typer.Option(
        "--home",
        envvar="VOC_HOME",
        help="The deployment's folder, as `voc init` made it.",
        show_default=False,
    ),
]


@app.command()
def init(
    home: Annotated[Path, typer.Argument(help="The folder to make. Existing files stay.")],
) -> None:
    """Make a deployment: commented config and the folders that files are dropped into."""
    from orchestration.scaffold import write_scaffold

    with _readable_errors():
        written = write_scaffold(home)
    for path in written:
        out.print(f"wrote {path}", soft_wrap=True)
    kept = "" if written else "Everything was there already; nothing was changed. "
    out.print(
        f"{kept}Next: read {home / 'config' / 'deployment.yml'}, drop files below "
        f"{home / 'landing'}, then: voc run --home {home}",
        soft_wrap=True,
    )


@app.command()
def run(
    home: HomeOption,
    as_of: Annotated[
        str | None,
        typer.Option(
            "--as-of",
            metavar="YYYY-MM-DD",
            help="The business day to run for. Default: the last one that is over in the "
            "deployment's time zone.",
        ),
    ] = None,
    accept_drift: Annotated[
        bool,
        typer.Option(
            "--accept-drift",
            help="Do not compare row counts with the served release: for the night after a source "
            "was taken out, or rows were erased, on purpose.",
        ),
    ] = False,
) -> None:
    """Run the night: collect every source, build and check the warehouse, publish the release."""
    from lake.privacy import Privacy
    from orchestration.deployment import BusyError, Deployment
    from orchestration.night import Night
    from orchestration.nightly import run_night
    from orchestration.summary import print_summary

    with _readable_errors():
        deployment = Deployment(home.resolve())
        deployment.check()
        Privacy.from_env()  # asked for now: without a key the night could only fail later
        night = Night(deployment, accept_drift=accept_drift)
        day = _business_day(
            as_of, deployment.settings.start_date, deployment.newest_day(night.clock())
        )
        try:
            result = run_night(night, day)
        except BusyError as busy:
            err.print(str(busy), soft_wrap=True)
            raise typer.Exit(FAILED) from busy
    print_summary(out, deployment, result)
    raise typer.Exit({"published": PUBLISHED, "held": HELD, "failed": FAILED}[result.status])


@app.command()
def status(home: HomeOption) -> None:
    """Show the served release, the last run, and how each source did."""
    from orchestration.deployment import Deployment
    from orchestration.status import print_status

    with _readable_errors():
        deployment = Deployment(home.resolve())
        deployment.check()
        print_status(out, deployment)


@app.command()
def releases(home: HomeOption) -> None:
    """List the published releases, the newest first, and mark the one that is served."""
    from orchestration.deployment import Deployment
    from orchestration.releases import list_releases

    with _readable_errors():
        deployment = Deployment(home.resolve())
        deployment.check()
        found = list_releases(deployment.releases, deployment.serving)
    if not found:
        out.print(f"No releases yet in {deployment.releases}. Make one: voc run --home {home}")
        return
    table = Table("release", "as of", "published (UTC)", "rows", "checks", "size", "")
    for release in found:
        manifest = release.manifest
        table.add_row(
            release.run_id,
            manifest["as_of"],
            str(manifest["created_at"])[:16].replace("T", " "),
            f"{sum(t['rows'] for t in manifest['tables']):,}",
            f"{sum(c['passed'] for c in manifest['checks']):,} of {len(manifest['checks']):,}",
            f"{sum(f['bytes'] for f in manifest['files']) / 1e6:,.1f} MB",
            "serving" if release.serving else "",
        )
    out.print(table)


def main() -> None:
    """Entry point of the `voc` script."""
    sys.exit(call())


def call(arguments: list[str] | None = None) -> int:
    """Run the command and return its exit code, telemetry of every library off."""
    os.environ |= {
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DO_NOT_TRACK": "1",
        "GX_ANALYTICS_ENABLED": "false",
    }
    try:
        app(arguments)
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else FAILED
    return PUBLISHED


def _business_day(text: str | None, start: date, newest: date) -> date:
    if text is None:
        return newest
    try:
        day = datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 - a date has no zone
    except ValueError:
        _stop(f"--as-of {text!r} is not a date. Write it as YYYY-MM-DD, for example {newest}.")
    if day > newest:
        _stop(
            f"--as-of {day} is not over yet in the deployment's zone. The newest day is {newest}."
        )
    if day < start:
        _stop(
            f"--as-of {day} lies before start_date {start} of config/deployment.yml. "
            "Choose a later day, or set start_date back."
        )
    return day


def _stop(message: str) -> NoReturn:
    err.print(message, soft_wrap=True)
    raise typer.Exit(WRONG_USAGE)


@contextmanager
def _readable_errors() -> Iterator[None]:
    """Config faults and a missing key end the command with what to mend, not with a traceback."""
    from lake.privacy import MissingKeyError

    try:
        yield
    except ConfigError as error:
        for problem in error.problems:
            err.print(str(problem), soft_wrap=True)
        raise typer.Exit(WRONG_USAGE) from error
    except MissingKeyError as error:
        err.print(str(error), soft_wrap=True)
        raise typer.Exit(WRONG_USAGE) from error
