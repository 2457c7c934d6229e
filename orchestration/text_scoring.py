"""`voc text score`: the served release's texts, read by versions that have not read them yet."""

from __future__ import annotations

from filelock import FileLock, Timeout

from lake.config import NotNowError
from lake.landing import utc_now
from orchestration.deployment import BusyError, Deployment
from orchestration.progress import Reporter
from orchestration.text_reading import Reader, Texts
from orchestration.texts import Engineering, Understood, catch_up
from verbatims.store import BY_COMMAND, TextStore

_SAID = "core.fct_feedback"


def score_release(
    deployment: Deployment, reporter: Reporter, *, model: str | None, aspects_only: bool
) -> Understood:
    """Read what is missing. Nights may run meanwhile: a release is only read.

    Raises NotNowError where there is no release, BusyError where the same goes on already.
    """
    warehouse = deployment.serving / "warehouse.duckdb"
    if not warehouse.exists():
        raise NotNowError(
            f"There is no release in {deployment.serving} whose texts could be read. Publish one: "
            f"voc run --home {deployment.home}"
        )
    store = TextStore(deployment.lake.root / "text")
    store.root.mkdir(parents=True, exist_ok=True)
    lock = FileLock(store.root / ".score.lock", timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        raise BusyError(
            f"Another voc text score is reading for {deployment.home}. Wait for it to end."
        ) from error
    try:
        store.prepare(by_command=True)
        run_id = f"{BY_COMMAND}{utc_now():%Y%m%dT%H%M%S}"
        reader = Reader(store, run_id, utc_now)
        engineering = Engineering(store, deployment.text_models, deployment.taxonomy)
        with Texts.of(warehouse.resolve(), _SAID, store) as texts:
            return catch_up(
                engineering, reader, texts, reporter, model=model, aspects_only=aspects_only
            )
    finally:
        lock.release()
