"""The `voc` command. Exit codes: 0 published, 1 failed, 2 wrong usage or config, 3 held back."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer
from rich.table import Table

from lake.config import ConfigError, NotNowError, UsageError
from orchestration.progress import plain_console

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from orchestration.one_source import Tools
    from orchestration.text_training import Labelled

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
survey = typer.Typer(
    help="Survey exports: what is in a file, before anything is configured.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(survey, name="survey")
text = typer.Typer(
    help="What customers write: the models that read it.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(text, name="text")
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


SourceArgument = Annotated[
    str, typer.Argument(help="A source's name in config/sources.yml.", show_default=False)
]
AsOfOption = Annotated[
    str | None,
    typer.Option(
        "--as-of",
        metavar="YYYY-MM-DD",
        help="The business day to run for. Default: the last one that is over in the "
        "deployment's time zone.",
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
    as_of: AsOfOption = None,
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
    from orchestration.deployment import Deployment
    from orchestration.night import Night
    from orchestration.nightly import run_night
    from orchestration.summary import print_summary

    with _readable_errors():
        deployment = Deployment(home.resolve())
        deployment.check()
        deployment.privacy()  # asked for now: without the key the night could only fail later
        night = Night(deployment, accept_drift=accept_drift)
        day = _business_day(
            as_of, deployment.settings.start_date, deployment.newest_day(night.clock())
        )
        result = run_night(night, day)
    print_summary(out, deployment, result)
    raise typer.Exit({"published": PUBLISHED, "held": HELD, "failed": FAILED}[result.status])


@app.command()
def status(
    home: HomeOption,
    files: Annotated[
        bool, typer.Option("--files", help="Show every dropped file, not the first few of each.")
    ] = False,
) -> None:
    """Show the served release, the last run, how each source did, and what became of its files."""
    from orchestration.deployment import Deployment
    from orchestration.status import print_status

    with _readable_errors():
        deployment = Deployment(home.resolve())
        deployment.check()
        print_status(out, deployment, all_files=files)


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


@app.command()
def crawl(
    source: SourceArgument,
    home: HomeOption,
    as_of: AsOfOption = None,
    limit: Annotated[
        int | None,
        typer.Option("--limit", min=1, help="Read so many pages of each list, and no more."),
    ] = None,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run",
            help="Show the rows of one page (or of --limit pages) and write nothing: for whoever "
            "writes a source.yml.",
        ),
    ] = False,
) -> None:
    """Crawl one source by itself: into the lake, or (--dry-run) only to look at."""
    from orchestration.one_source import crawl_one
    from orchestration.show_rows import print_seen

    with _readable_errors():
        tools, day = _tools(home, as_of)
        pages = limit or (1 if dry_run else None)
        seen = crawl_one(tools, source, day, limit=pages, dry_run=dry_run)
    if dry_run:
        print_seen(out, seen)
    else:
        out.print(f"{source}: {seen.result.status}: {seen.result.message}", soft_wrap=True)
        out.print(f"The warehouse is built from it by the next voc run --home {home}")
    raise typer.Exit(FAILED if seen.result.status == "failed" else PUBLISHED)


@app.command()
def replay(
    source: SourceArgument,
    home: HomeOption,
    dt: Annotated[
        list[str],
        typer.Option("--dt", metavar="YYYY-MM-DD", help="A business day; may be given again."),
    ],
) -> None:
    """Read nights of one source again from the archive, with today's parser and no network."""
    from orchestration.one_source import replay_days

    whole = True
    with _readable_errors():
        tools, _ = _tools(home, None)
        days = [_day(text, "--dt", tools.deployment.newest_day(tools.clock())) for text in dt]
        for result in replay_days(tools, source, days):
            out.print(f"{source}: {result.status}: {result.message}", soft_wrap=True)
            whole = whole and result.status == "complete"
    out.print(f"The warehouse is built from it by the next voc run --home {home}")
    raise typer.Exit(PUBLISHED if whole else FAILED)


@app.command()
def rotate_key(
    home: HomeOption,
    leave_unarchived: Annotated[
        bool,
        typer.Option(
            "--leave-unarchived",
            help="Go on although some platforms' nights have no archive: they stay in the old "
            "lake alone.",
        ),
    ] = False,
) -> None:
    """Begin a new lake under the new VOC_PII_KEY; the old one stays beside it (docs/privacy.md)."""
    from orchestration.rotation import rotate_key as rotate

    with _readable_errors():
        tools, _ = _tools(home, None, new_key=True)
        for done in rotate(tools, leave_unarchived=leave_unarchived):
            text = (
                done if isinstance(done, str) else f"{done.source}: {done.status}: {done.message}"
            )
            out.print(text, soft_wrap=True)
    out.print(
        f"Dropped files are read again by the next voc run --home {home} --accept-drift",
        soft_wrap=True,
    )


@app.command()
def suggest_assertions(source: SourceArgument, home: HomeOption, as_of: AsOfOption = None) -> None:
    """Propose bounds for a source (counts, fill rates) from its last 14 nights."""
    from orchestration.one_source import suggestion

    with _readable_errors():
        tools, day = _tools(home, as_of)
        proposed = suggestion(tools, source, day)
    out.print(f"# Look it over, and keep it under sources: {source}: in config/sources.yml")
    out.print(proposed, soft_wrap=True, markup=False, highlight=False)


@survey.command("inspect")
def inspect_survey(
    file: Annotated[
        Path, typer.Argument(help="An exported file; nothing is written.", show_default=False)
    ],
    format_: Annotated[
        str, typer.Option("--format", metavar="NAME", help="Its format, if it is told wrong.")
    ] = "auto",
    encoding: Annotated[str, typer.Option(help="Its encoding, such as gb18030.")] = "auto",
    delimiter: Annotated[str, typer.Option(help="What stands between its fields.")] = "auto",
    sheet: Annotated[str | None, typer.Option(help="The worksheet to read.")] = None,
    zone: Annotated[str | None, typer.Option(help="The zone of its times.")] = None,
    survey_id: Annotated[
        str | None, typer.Option(metavar="ID", help="The survey's id. Default: by the file's name.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Show every column in a line.")] = False,
    home: Annotated[
        Path | None,
        typer.Option(
            "--home", envvar="VOC_HOME", help="A deployment, for its zone. None is needed."
        ),
    ] = None,
) -> None:
    """Show what a survey export holds, and the entry for config/surveys.yml that would load it."""
    from loaders.files import FileFault
    from loaders.inspection.inspect_file import inspect_file, told
    from orchestration.deployment import zone_of
    from orchestration.show_inspection import print_inspection

    with _readable_errors():
        given = told(
            format=format_,
            encoding=encoding,
            delimiter=delimiter.replace("\\t", "\t"),
            sheet=sheet,
            zone=zone,
        )
        default_zone = zone or zone_of(home)
        try:
            found = inspect_file(file, given, survey_id)
        except FileFault as fault:
            err.print(f"{file}: {fault}", soft_wrap=True)
            if "config" in str(fault):
                err.print("Here, an option says what the config would: --encoding, --format, …")
            raise typer.Exit(FAILED) from fault
    print_inspection(out, found, default_zone, every=every)


TextColumn = Annotated[str | None, typer.Option(help="The file's column of texts.")]
LabelColumn = Annotated[str | None, typer.Option(help="Its column of labels, stars or scores.")]
ChannelColumn = Annotated[str | None, typer.Option(help="Its column of channels.")]
TimeColumn = Annotated[str | None, typer.Option(help="Its column of times.")]
ScaleOption = Annotated[
    str,
    typer.Option(
        help="What its numbers are: label (1 good, 0 or -1 bad), stars (1 to 5), nps (0 to 10)."
    ),
]
DateOrder = Annotated[str, typer.Option(help="ymd, mdy or dmy.")]


@text.command("train")
def train_text(
    home: HomeOption,
    labelled: Annotated[
        Path | None,
        typer.Option(
            "--labelled",
            metavar="FILE",
            help="Learn from this CSV, XLSX or Parquet file instead of the served release.",
        ),
    ] = None,
    text_column: TextColumn = None,
    label_column: LabelColumn = None,
    channel_column: ChannelColumn = None,
    time_column: TimeColumn = None,
    scale: ScaleOption = "auto",
    date_order: DateOrder = "ymd",
) -> None:
    """Learn sentiment from starred and scored feedback; the better model answers."""
    from orchestration.deployment import Deployment
    from orchestration.show_models import print_outcome
    from orchestration.text_training import of_release
    from verbatims.sentiment.training import train

    with _readable_errors():
        deployment = Deployment(home.resolve())
        deployment.check()
        if labelled is None:
            rows, made_from = of_release(deployment)
        else:
            columns = (text_column, label_column, channel_column, time_column)
            found = _labelled(labelled, deployment.zone, columns, scale, date_order)
            rows, made_from = found.rows, found.made_from
        with deployment.writing():
            outcomes = train(rows, deployment.text_models, made_from)
    for outcome in outcomes:
        print_outcome(out, outcome)
    raise typer.Exit(PUBLISHED if any(outcome.card for outcome in outcomes) else FAILED)


@text.command("evaluate")
def evaluate_text(
    home: HomeOption,
    labelled: Annotated[
        Path,
        typer.Option(
            "--labelled", metavar="FILE", help="A CSV, XLSX or Parquet file of rated texts."
        ),
    ],
    model: Annotated[
        str | None,
        typer.Option(
            metavar="VERSION",
            help="Measure this model (a folder of lake/text/models) instead of what answers.",
        ),
    ] = None,
    text_column: TextColumn = None,
    label_column: LabelColumn = None,
    channel_column: ChannelColumn = None,
    time_column: TimeColumn = None,
    scale: ScaleOption = "auto",
    date_order: DateOrder = "ymd",
) -> None:
    """Measure what answers, or one model, on a labelled file. Nothing is learned or changed.

    A model that has learned from texts of the file does better on it than on any others.
    """
    from orchestration.deployment import Deployment
    from orchestration.show_models import print_measured
    from verbatims.sentiment.engines import engines
    from verbatims.sentiment.model import Model
    from verbatims.sentiment.training import evaluate

    with _readable_errors():
        deployment = Deployment(home.resolve())
        deployment.check()
        by_language = dict(engines(deployment.text_models).by_language)
        if model is not None:
            chosen = Model.load(deployment.text_models / model)
            by_language = {chosen.language: chosen}
        columns = (text_column, label_column, channel_column, time_column)
        found = _labelled(labelled, deployment.zone, columns, scale, date_order)
        measured = evaluate(found.rows, by_language)
    for language, (figures, left_out) in measured.items():
        print_measured(out, language, by_language[language].version, figures, left_out)
    if not measured:
        err.print(
            f"{labelled} has no text in {' or '.join(by_language)} that was rated good or bad.",
            soft_wrap=True,
        )
        raise typer.Exit(FAILED)


@text.command("score")
def score_text(
    home: HomeOption,
    model: Annotated[
        str | None,
        typer.Option(
            metavar="VERSION",
            help="Score by this model (a folder of lake/text/models) instead of the promoted ones.",
        ),
    ] = None,
    taxonomy: Annotated[
        bool, typer.Option("--taxonomy", help="Only find aspects, by config/taxonomy.yml.")
    ] = False,
) -> None:
    """Read all texts of the served release that a new model or taxonomy has not read yet.

    What is read already is not read again, so it may be stopped and called again. The next night
    then names the new version; until it does, releases go on showing the old one.
    """
    from orchestration.deployment import Deployment
    from orchestration.progress import Reporter
    from orchestration.text_scoring import score_release

    if model is not None and taxonomy:
        _stop("--model is for sentiment and --taxonomy for aspects: give one of them.")
    with _readable_errors():
        deployment = Deployment(home.resolve())
        deployment.check()
        done = score_release(deployment, Reporter(), model=model, aspects_only=taxonomy)
    out.print(done.line, soft_wrap=True)


@text.command("models")
def text_models(home: HomeOption) -> None:
    """List what answers for each language, and the models with their main figures."""
    from orchestration.deployment import Deployment
    from orchestration.show_models import print_models
    from verbatims.sentiment.card import read_all
    from verbatims.sentiment.engines import usable_engines

    with _readable_errors():
        deployment = Deployment(home.resolve())
        deployment.check()
        usable, faults = usable_engines(deployment.text_models)
        for fault in faults.values():
            err.print(fault, soft_wrap=True)
        print_models(out, usable.versions, read_all(deployment.text_models))
    raise typer.Exit(FAILED if faults else PUBLISHED)


@text.command("aspects")
def text_aspects(
    home: HomeOption,
    said: Annotated[str, typer.Argument(metavar="TEXT", help="What a customer wrote.")],
) -> None:
    """Show the aspects that config/taxonomy.yml finds in a text, and by which rule."""
    from orchestration.deployment import Deployment
    from orchestration.show_aspects import print_mentions
    from verbatims.aspects.finder import AspectFinder
    from verbatims.language import language_of

    with _readable_errors():
        taxonomy = Deployment(home.resolve()).taxonomy
        language = language_of(said)
        mentions = AspectFinder(taxonomy).find(said, language)
        print_mentions(out, said, language, taxonomy, mentions)


def _labelled(
    file: Path,
    zone: ZoneInfo,
    columns: tuple[str | None, str | None, str | None, str | None],
    scale: str,
    date_order: str,
) -> Labelled:
    """The rated texts of a file; prints how it was read. A fault of the file ends the command.

    `columns` names those of the text, label, channel and time.
    """
    from loaders.files import FileFault
    from orchestration.show_models import print_labelled
    from orchestration.text_training import Columns, of_file, scale_of

    if date_order not in ("ymd", "mdy", "dmy"):
        _stop(f"--date-order {date_order!r} is none of ymd, mdy, dmy.")
    try:
        found = of_file(file, Columns(*columns, scale_of(scale), date_order), zone)
    except FileFault as fault:
        err.print(f"{file}: {fault}", soft_wrap=True)
        raise typer.Exit(FAILED) from fault
    print_labelled(out, found)
    return found


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


def _tools(home: Path, as_of: str | None, *, new_key: bool = False) -> tuple[Tools, date]:
    """What the commands on one source work with, and the business day they are for."""
    from lake.landing import utc_now
    from orchestration.deployment import Deployment
    from orchestration.one_source import Tools
    from orchestration.progress import Reporter

    deployment = Deployment(home.resolve())
    deployment.check()
    if not new_key:
        deployment.privacy()
    newest = deployment.newest_day(utc_now())
    day = newest if as_of is None else _day(as_of, "--as-of", newest)
    return Tools(deployment, Reporter().note, utc_now), day


def _business_day(text: str | None, start: date, newest: date) -> date:
    if text is None:
        return newest
    day = _day(text, "--as-of", newest)
    if day < start:
        _stop(
            f"--as-of {day} lies before start_date {start} of config/deployment.yml. "
            "Choose a later day, or set start_date back."
        )
    return day


def _day(text: str, option: str, newest: date) -> date:
    """A day that is over. Stops the command otherwise."""
    try:
        day = datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 - a date has no zone
    except ValueError:
        _stop(f"{option} {text!r} is not a date. Write it as YYYY-MM-DD, for example {newest}.")
    if day > newest:
        _stop(
            f"{option} {day} is not over yet in the deployment's zone. The newest day is {newest}."
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
    except UsageError as error:
        _stop(str(error))
    except NotNowError as error:
        err.print(str(error), soft_wrap=True)
        raise typer.Exit(FAILED) from error
    except ConfigError as error:
        for problem in error.problems:
            err.print(str(problem), soft_wrap=True)
        raise typer.Exit(WRONG_USAGE) from error
    except MissingKeyError as error:
        err.print(str(error), soft_wrap=True)
        raise typer.Exit(WRONG_USAGE) from error


if __name__ == "__main__":
    main()
