"""Where what others made is missing, everybody is told."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from tests.beside import SHARED, require, told

MISSING = SHARED / "contracts" / "nobody"


def skipped(*reasons: str) -> list[SimpleNamespace]:
    return [SimpleNamespace(longrepr=("a file", 1, f"Skipped: {reason}")) for reason in reasons]


def test_what_is_there_is_used() -> None:
    require(SHARED.parent)


def test_a_test_is_skipped_with_the_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match=r"^shared/contracts/nobody is not beside"):
        require(MISSING)


def test_where_ci_is_set_it_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="shared/contracts/nobody is not beside"):
        require(MISSING)


def test_the_summary_counts_them_and_names_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception) as caught:
        require(MISSING)
    reason = str(caught.value)
    other = reason.replace("nobody", "somebody")
    assert told(skipped(reason, "this user may write anywhere", reason, other)) == (
        "3 TESTS DID NOT RUN against what is not beside the project's folder: shared/contracts/nobody,"
        " shared/contracts/somebody (where CI is set, they fail)"
    )


def test_of_other_skips_nothing_is_said() -> None:
    assert told(skipped("this user may write anywhere")) == ""
    assert told([]) == ""
