"""Records whose contact is not certain, and what a person decides on them."""

from __future__ import annotations

from dataclasses import asdict

from rich.table import Table
from rich.text import Text

from cli import console, plan_view
from cli.console import safe, say
from cli.open_hub import open_hub
from tasks.core.words import counted
from tasks.hub import reviews
from tasks.hub.reviews import Review


def list_reviews(limit: int, *, as_json: bool) -> int:
    """The command. Returns the exit code."""
    with open_hub() as hub:
        found, total = reviews.waiting(hub, limit)
    if as_json:
        console.print_json([asdict(review) for review in found])
        return 0
    if not found:
        say("Nothing to review.")
        return 0
    table = Table()
    for name in ("review", "record", "why", "may be", "by"):
        table.add_column(name, no_wrap=name == "review", overflow="fold")
    for review in found:
        for line in _lines(review):
            table.add_row(*line)
        table.add_section()
    say(f"\n{len(found):,} of {counted(total, 'review')} that wait for a person", style="bold")
    console.print_table(table)
    say("It is one of them: lusha-connect reviews accept REVIEW CONTACT")
    say("It is none of them: lusha-connect reviews split REVIEW")
    return 0


def list_decided(limit: int, *, as_json: bool) -> int:
    """The command. Returns the exit code."""
    with open_hub() as hub:
        found = reviews.decided(hub, limit)
    if as_json:
        console.print_json([asdict(review) for review in found])
        return 0
    if not found:
        say("Nothing is decided.")
        return 0
    columns = dict.fromkeys(("review", "record", "is", "decided (UTC)"), "left")
    rows = [
        (
            review.id,
            _about(review),
            f"contact {review.decision}" if review.state == reviews.ACCEPTED else "a contact of its own",
            plan_view.minute(review.decided_at) if review.decided_at else "",
        )
        for review in found
    ]
    console.table("decided, the latest first", columns, rows)
    say("To take one back: lusha-connect reviews reopen REVIEW")
    return 0


def accept(word: str, contact: str, *, as_json: bool) -> int:
    """The command. Returns the exit code."""
    with open_hub() as hub:
        review = reviews.accept(hub, word, contact)
    if as_json:
        console.print_json(asdict(review))
        return 0
    say(f"{_about(review)} is contact {review.decision}: the next import updates it.")
    return 0


def split(word: str, *, as_json: bool) -> int:
    """The command. Returns the exit code."""
    with open_hub() as hub:
        review = reviews.split(hub, word)
    if as_json:
        console.print_json(asdict(review))
        return 0
    kept = ", without the e-mail or phone that another has" if review.candidates else ""
    say(f"{_about(review)} is a contact of its own: the next import makes it{kept}.")
    return 0


def reopen(word: str, *, as_json: bool) -> int:
    """The command. Returns the exit code."""
    with open_hub() as hub:
        review, following = reviews.reopen(hub, word)
    if as_json:
        console.print_json(asdict(review) | {"plans": following})
        return 0
    say(f"{_about(review)} waits for a decision again: lusha-connect reviews list")
    for plan_id in following:
        say(
            f"Plan {plan_id} still follows the decision: import again instead of applying it.", style="yellow"
        )
    return 0


def _about(review: Review) -> str:
    return f"{safe(review.label)} ({review.system} {safe(review.record_id)})"


def _lines(review: Review) -> list[tuple[Text, ...]]:
    """A line for each candidate, what is known of the record beside the first."""
    label = Text.assemble(
        (safe(review.label), "bold"), (f"\n{review.system} {safe(review.record_id)}", "dim")
    )
    known = (Text(review.id, style="cyan"), label, Text(safe(review.why)))
    candidates = [
        (Text.assemble(safe(one.label), (f"\n{safe(one.id)}", "dim")), Text(safe(one.by)))
        for one in review.candidates
    ] or [(Text("-"), Text())]
    return [
        (*(known if number == 0 else (Text(),) * len(known)), *candidate)
        for number, candidate in enumerate(candidates)
    ]
