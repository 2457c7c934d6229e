"""What a person is told of a step that failed."""

import dagster as dg
import pytest

from orchestration.nightly import _failures
from verbatims.sentiment.model import ModelError


def fails(error: Exception, cause: Exception | None) -> list[str]:
    @dg.op
    def step() -> None:
        raise error from cause

    @dg.job
    def night() -> None:
        step()

    return list(_failures(night.execute_in_process(raise_on_error=False)))


@pytest.mark.parametrize(
    ("error", "cause", "told"),
    [
        (ModelError("Restore the folder"), FileNotFoundError("model.json"), "Restore the folder"),
        (dg.Failure("held"), RuntimeError("too few rows"), "too few rows"),
        (ValueError("odd"), None, "odd"),
    ],
)
def test_the_message_is_the_one_with_the_mend(
    error: Exception, cause: Exception | None, told: str
) -> None:
    (said,) = fails(error, cause)
    assert said.startswith("step: ")
    assert said.endswith(told)
