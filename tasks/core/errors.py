"""Every error of the engine, sorted by what to do about it.

What a failure means for the run is its *type*: the HTTP client's retries, Prefect's retry condition
and the command line's exit code all follow from the error's class, so that they can never disagree.

    LushaConnectError
    ├── RetryableError            try again: the same request may well succeed
    │   ├── RateLimitedError          429 from a vendor
    │   ├── ServerFaultError          5xx, a gateway's "Command timed out"
    │   ├── ConnectionFaultError      time-out, reset, refused
    │   └── GarbledAnswerError        truncated JSON, HTML where JSON was promised
    ├── RefusedError              a person must change something first (exit code 2)
    │   ├── BadConfigurationError     a setting or parameter is missing or wrong
    │   ├── BadMappingError           a mapping file does not say what it means
    │   ├── BadCredentialError        token missing, wrong, expired or without the scope
    │   │   ├── DeadGrantError            a refresh token or authorization code that was used or revoked
    │   │   ├── MissingScopeError         the token is good, and was not granted what the request needs
    │   │   └── ForeignLocationError      the token is good, and not for this location
    │   ├── HubMissingError           there is no hub where the settings say that it is
    │   └── HubSchemaError            the hub is older or newer than this program
    └── StoppedError              the run ends here, and a later run continues (exit code 1)
        ├── VendorFailedError         retries used up, or an answer that no retry changes
        │   ├── InvalidRequestError       the vendor refuses what this one request says
        │   │   └── RestrictedError           the law forbids the vendor to answer it
        │   └── BlockedError              a gateway or firewall refused it in the vendor's place
        ├── DuplicateContactError     the vendor has this contact already: update that one
        ├── UnknownOutcomeError       a write whose answer was lost: look up before repeating it
        ├── RecordNotFoundError       the vendor does not have this record
        ├── QuotaExhaustedError       the vendor's daily quota is used up
        ├── NoCreditsError            the vendor's account has too few credits left
        ├── CreditCapError            a cap on credits is reached: nothing more is spent
        ├── TooManyRejectsError       the mapping's ``stop_when`` spoke
        ├── FailedCheckError          a check that stops the run failed
        ├── BrokenCheckError          a check could not be evaluated
        ├── SuspiciousDeletionError   a full pass missed more records than is believable
        ├── LeaseLostError            another process took over what this one was writing
        ├── AlreadyRunningError       another run does the same for the same location: nothing was done
        └── HubUnavailableError       the hub cannot be reached or written
            └── HubBusyError              another process is writing, and this one was not to wait

No message may hold a secret or a whole payload: say location, operation, record id and trace id.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from typing import ClassVar

__all__ = [
    "AlreadyRunningError",
    "BadConfigurationError",
    "BadCredentialError",
    "BadMappingError",
    "BlockedError",
    "BrokenCheckError",
    "ConnectionFaultError",
    "CreditCapError",
    "DeadGrantError",
    "FailedCheckError",
    "ForeignLocationError",
    "GarbledAnswerError",
    "HubBusyError",
    "HubMissingError",
    "HubSchemaError",
    "HubUnavailableError",
    "InvalidRequestError",
    "LeaseLostError",
    "LushaConnectError",
    "MissingScopeError",
    "NoCreditsError",
    "QuotaExhaustedError",
    "RateLimitedError",
    "RecordNotFoundError",
    "Recovery",
    "RefusedError",
    "RestrictedError",
    "RetryableError",
    "ServerFaultError",
    "StoppedError",
    "SuspiciousDeletionError",
    "TooManyRejectsError",
    "UnknownOutcomeError",
    "VendorFailedError",
]


class Recovery(StrEnum):
    """What to do about an error."""

    RETRY = "retry"
    REFUSE = "refuse"
    STOP = "stop"


class LushaConnectError(Exception):
    """Root of the tree.

    Args:
        what: What went wrong and where, in one sentence.
        remedy: What the reader can do about it; empty where nothing but waiting helps.

    Attributes:
        done: What the run had done before, in words; empty where it was nothing.
    """

    recovery: ClassVar[Recovery] = Recovery.STOP

    def __init__(self, what: str, *, remedy: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy
        self.done = ""

    def __str__(self) -> str:
        return "\n".join(filter(None, (self.what, f"  → {self.remedy}" if self.remedy else "", self._done())))

    def _done(self) -> str:
        return f"  Done before, and kept: {self.done}." if self.done else ""

    @property
    def told(self) -> str:
        """The same as the text, without the remedy."""
        return "\n".join(filter(None, (self.what, self._done())))

    def note_done(self, done: str) -> None:
        """Add what the run had done before the error came; nothing where that is empty."""
        self.done = "; ".join(filter(None, (self.done, done)))

    def __reduce__(self) -> tuple[object, ...]:
        # Errors cross process and result boundaries; keyword-only arguments need their state kept.
        return _rebuild, (type(self), self.args, self.__dict__.copy())


def _rebuild(
    kind: type[LushaConnectError], args: tuple[object, ...], state: dict[str, object]
) -> LushaConnectError:
    error = kind.__new__(kind, *args)
    error.args = args
    error.__dict__.update(state)
    return error


class RetryableError(LushaConnectError):
    """The same request may succeed when it is sent again."""

    recovery = Recovery.RETRY


class RateLimitedError(RetryableError):
    """429.

    Args:
        wait: Seconds after which the vendor's window has passed.
    """

    def __init__(self, what: str, *, remedy: str = "", wait: float = 10.0) -> None:
        super().__init__(what, remedy=remedy)
        self.wait = wait


class ServerFaultError(RetryableError):
    """The vendor's side failed (5xx).

    Args:
        undone: True when the vendor itself says that it did nothing, so that what must not be done twice can
            be asked for again.
    """

    def __init__(self, what: str, *, remedy: str = "", undone: bool = False) -> None:
        super().__init__(what, remedy=remedy)
        self.undone = undone


class ConnectionFaultError(RetryableError):
    """No answer: time-out, reset, refused connection.

    Args:
        sent: False when the request cannot have arrived, because no connection was made.
    """

    def __init__(self, what: str, *, remedy: str = "", sent: bool = True) -> None:
        super().__init__(what, remedy=remedy)
        self.sent = sent


class GarbledAnswerError(RetryableError):
    """An answer that is not the JSON it should be."""


class RefusedError(LushaConnectError):
    """A person must change something before this can be done.

    Mostly that is found before anything is read or written. It need not be: a token may be revoked, or a
    mapping changed, in the middle of a run. What was done before is kept, and ``done`` tells it.
    """

    recovery = Recovery.REFUSE


class BadConfigurationError(RefusedError):
    """A setting or a parameter is missing or wrong."""


class BadMappingError(RefusedError):
    """A mapping does not say what it means.

    Args:
        file: The mapping file, as the user named it.
        line: 1-based line of the offending word, 0 where there is none.
        others: Further problems of the same file; they are printed below this one.
    """

    def __init__(
        self,
        what: str,
        *,
        file: str,
        line: int = 0,
        remedy: str = "",
        others: tuple[BadMappingError, ...] = (),
    ) -> None:
        super().__init__(what, remedy=remedy)
        self.file = file
        self.line = line
        self.others = others

    @classmethod
    def of(cls, problems: Iterable[BadMappingError]) -> BadMappingError:
        """One error for all ``problems`` of a file (at least one), in the order of their lines."""
        single = {(one.line, one.what): one for problem in problems for one in problem.each()}
        first, *others = sorted(single.values(), key=lambda problem: problem.line)
        return cls(first.what, file=first.file, line=first.line, remedy=first.remedy, others=tuple(others))

    def each(self) -> list[BadMappingError]:
        """Every problem as an error of its own."""
        own = type(self)(self.what, file=self.file, line=self.line, remedy=self.remedy)
        return [own, *self.others]

    @classmethod
    @contextmanager
    def told_in(cls, problems: list[BadMappingError]) -> Iterator[None]:
        """Such an error ends the ``with`` body alone, and is added to ``problems``."""
        try:
            yield
        except BadMappingError as error:
            problems += error.each()

    def __str__(self) -> str:
        return "\n".join([f"{self._place()}: {super().__str__()}", *map(str, self.others)])

    @property
    def told(self) -> str:
        """The same as the text, without the first remedy."""
        return "\n".join([f"{self._place()}: {super().told}", *map(str, self.others)])

    def _place(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


class BadCredentialError(RefusedError):
    """The vendor refuses this token for this location or scope."""


class DeadGrantError(BadCredentialError):
    """A refresh token or an authorization code that was used already, has ended or was revoked."""


class MissingScopeError(BadCredentialError):
    """The token is good, and was not granted the scope that a request needs."""


class ForeignLocationError(BadCredentialError):
    """The token is good for another location than this one, or this one is no more."""


class HubSchemaError(RefusedError):
    """The hub's schema is older or newer than this program's."""


class HubMissingError(RefusedError):
    """There is no hub where the settings say that it is."""


class StoppedError(LushaConnectError):
    """The run ends here; what was committed stays, and a later run continues."""


class VendorFailedError(StoppedError):
    """The vendor could not be made to answer."""


class InvalidRequestError(VendorFailedError):
    """The vendor refuses what one request says; other requests may well succeed.

    Args:
        fields: The fields that the vendor complains of, e.g. ``("companyName",)``; empty where it names none.
    """

    def __init__(self, what: str, *, remedy: str = "", fields: tuple[str, ...] = ()) -> None:
        super().__init__(what, remedy=remedy)
        self.fields = fields


class RestrictedError(InvalidRequestError):
    """The law forbids the vendor to answer this request (451); it is not asked again, nor in other words."""


class BlockedError(VendorFailedError):
    """A gateway, firewall or proxy answered in the vendor's place; it says nothing about the request.

    Not repeated within a run: whoever blocks a program blocks it longer when it insists.
    """


class DuplicateContactError(StoppedError):
    """A write that would make a second contact with the same e-mail or phone.

    Args:
        contact_id: The contact that the vendor has already.
        matching_field: ``email`` or ``phone``; empty where the vendor does not say.
    """

    def __init__(self, what: str, *, contact_id: str, matching_field: str = "", remedy: str = "") -> None:
        super().__init__(what, remedy=remedy)
        self.contact_id = contact_id
        self.matching_field = matching_field


class UnknownOutcomeError(StoppedError):
    """A write that must not be repeated blindly, and whose answer was lost."""


class RecordNotFoundError(StoppedError):
    """The vendor does not have this record (any more)."""


class QuotaExhaustedError(StoppedError):
    """The vendor's daily quota is used up."""


class NoCreditsError(StoppedError):
    """The vendor's account has too few credits left for what was asked."""


class CreditCapError(StoppedError):
    """A cap on credits is reached: nothing more is spent, what was paid for is kept."""


class TooManyRejectsError(StoppedError):
    """More rows were rejected than the mapping's ``stop_when`` allows.

    Args:
        counts: Rejected rows by reason, e.g. ``{"required(id)": 12}``.
        examples: A few record ids by reason.
    """

    def __init__(
        self,
        what: str,
        *,
        remedy: str = "",
        counts: Mapping[str, int] | None = None,
        examples: Mapping[str, list[str]] | None = None,
    ) -> None:
        super().__init__(what, remedy=remedy)
        self.counts = dict(counts or {})
        self.examples = dict(examples or {})


class FailedCheckError(StoppedError):
    """A check with ``on_failure: stop``, or one about the whole batch, failed."""


class BrokenCheckError(StoppedError):
    """A check could not be evaluated: neither passed nor failed."""


class SuspiciousDeletionError(StoppedError):
    """A full pass missed more records than is believable."""


class AlreadyRunningError(StoppedError):
    """Another run does the same work for the same location; this one has done nothing."""


class LeaseLostError(StoppedError):
    """Another process took over what this one was writing, because it was held up too long."""


class HubUnavailableError(StoppedError):
    """The hub cannot be reached or written."""


class HubBusyError(HubUnavailableError):
    """Another process is writing, and this one was not to wait for it; nothing was done."""
