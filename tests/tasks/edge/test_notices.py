"""Notices arrive: by a real Prefect server's blocks, at real endpoints, at least once and told apart."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from prefect.blocks.abstract import NotificationBlock
from prefect.blocks.notifications import CustomWebhookNotificationBlock, SlackWebhook
from prefect.blocks.system import Secret
from prefect.settings import PREFECT_API_URL, temporary_settings
from prefect.testing.standard_test_suites import BlockStandardTestSuite

from tasks.core.errors import HubUnavailableError
from tasks.core.marked_yaml import Document
from tasks.edge import alerts, posting
from tasks.edge.channel_block import LushaConnectChannel
from tasks.edge.notices import IN_A_ROW, RUNS, Delivered, deliver
from tasks.hub import notices
from tasks.hub.engine import Hub
from tasks.hub.notices import Notice, NoticeState
from tasks.mapping.channels import Channel, Channels
from tests.forks import Forks
from tests.listeners import Endpoint, Mailbox, dead_port, listening, receiving

NOON = datetime(2026, 6, 1, 10, tzinfo=UTC)  # 12:00 in Vienna, a Monday
VIENNA = ZoneInfo("Europe/Vienna")
HOUR = timedelta(hours=1)


@pytest.fixture
def hub_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'hub.db'}"


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with listening() as found:
        yield found


@pytest.fixture
def other() -> Iterator[Endpoint]:
    with listening() as found:
        yield found


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with receiving() as found:
        yield found


@pytest.fixture
def team(prefect_api: str, endpoint: Endpoint) -> str:
    """The block ``custom-webhook/team``, which tells the endpoint."""
    return hook("team", endpoint.url)


def hook(name: str, url: str) -> str:
    told = {"subject": "{{subject}}", "body": "{{body}}"}
    CustomWebhookNotificationBlock(name=name, url=url, json_data=told).save(name, overwrite=True)
    return f"custom-webhook/{name}"


def channels(**said: str | dict[str, Any]) -> Channels:
    found = {
        name: Channel.model_validate({"block": one} if isinstance(one, str) else one)
        for name, one in said.items()
    }
    return Channels("channels", found, Document("channels.yaml"))


def put(hub: Hub, *keys: str, channel: str = "team", **more: Any) -> list[str]:
    """Put notices; their references."""
    told: dict[str, Any] = {"subject": "New task", "text": "Call {key}.", "made_at": NOON - HOUR, **more}
    made = [
        Notice(
            key, "channels", "created", channel, run_id="run", **told | {"text": told["text"].format(key=key)}
        )
        for key in keys
    ]
    with hub.write() as connection:
        notices.put(connection, "loc", made)
    with hub.read() as connection:
        found = {one.key: one.reference for one in notices.waiting(connection, "loc", "channels")}
    return [found[key] for key in keys]


def send(hub: Hub, to: Channels, at: datetime = NOON, seconds: float = 20) -> Delivered:
    return asyncio.run(deliver(hub, "loc", to, zone=VIENNA, now=at, seconds=seconds))


def left(hub: Hub) -> list[Notice]:
    with hub.read() as connection:
        return notices.waiting(connection, "loc", "channels")


class TestStandards(BlockStandardTestSuite):
    @pytest.fixture
    def block(self) -> type[LushaConnectChannel]:
        return LushaConnectChannel


def test_each_notice_is_a_message_with_its_link_and_reference(
    hub: Hub, team: str, endpoint: Endpoint
) -> None:
    first, second = put(hub, "Ada", "Bob", link="https://app.example/contacts/1")
    assert send(hub, channels(team=team)).counts() == {"sent": 2, "waiting": 0, "failed": 0}
    assert [one["subject"] for one in endpoint.told] == ["New task"] * 2
    assert endpoint.told[0]["body"] == f"Call Ada.\nhttps://app.example/contacts/1\nref {first}"
    assert endpoint.told[1]["body"].endswith(f"ref {second}")
    assert send(hub, channels(team=team)) == Delivered()  # once is enough
    assert len(endpoint.told) == 2


def test_a_letter_shows_the_text_as_it_is(hub: Hub, prefect_api: str, mailbox: Mailbox) -> None:
    url = f"mailto://127.0.0.1:{mailbox.port}/?from=hub@example.com&to=sales@example.com&mode=insecure"
    LushaConnectChannel(url=url).save("letters", overwrite=True)
    [reference] = put(hub, "<b>Ada</b> & *Bob*", subject="Task: „Anruf“")
    assert send(hub, channels(team="lusha-connect-channel/letters")).sent == 1
    [letter] = mailbox.letters
    assert letter["subject"] == "Task: „Anruf“"
    plain = letter.get_body(("plain",))
    assert plain is not None
    assert "Call <b>Ada</b> & *Bob*." in plain.get_content()
    assert f"ref {reference}" in plain.get_content()
    html = letter.get_body(("html",))
    assert html is None or "<b>Ada" not in html.get_content()


def test_a_digest_is_one_message_when_its_hour_is_over(hub: Hub, team: str, endpoint: Endpoint) -> None:
    to = channels(team={"block": team, "digest": "hourly"})
    references = put(hub, "Ada", "Bob", made_at=NOON + timedelta(minutes=10))
    put(hub, "Urgent", made_at=NOON + timedelta(minutes=10), digest=False)
    assert send(hub, to, NOON + timedelta(minutes=59)).counts() == {"sent": 1, "waiting": 2, "failed": 0}
    assert "Call Urgent." in endpoint.told[0]["body"]
    assert send(hub, to, NOON + HOUR).sent == 2
    [_, digest] = endpoint.told
    assert digest["subject"] == "2 notices"
    for word in ("Call Ada.", "Call Bob.", *references):
        assert word in digest["body"]


def test_a_long_digest_is_several_messages_with_nothing_left_out(
    hub: Hub, team: str, endpoint: Endpoint
) -> None:
    to = channels(team={"block": team, "digest": "daily at 08:00"})
    references = put(hub, *map(str, range(45)), text="x" * 300, made_at=NOON)
    assert send(hub, to, NOON + 20 * HOUR).sent == 45
    bodies = [one["body"] for one in endpoint.told]
    assert len(bodies) > 2
    assert max(map(len, bodies)) <= 2_000
    assert all(sum(reference in body for body in bodies) == 1 for reference in references)


def test_quiet_hours_let_everything_wait_until_they_are_over(hub: Hub, team: str, endpoint: Endpoint) -> None:
    to = channels(team={"block": team, "quiet": {"from": "12:00", "until": "13:00", "days": ["tue"]}})
    put(hub, "Ada")
    put(hub, "Bob", digest=False)
    for moment in (NOON, NOON + timedelta(minutes=59), NOON + 24 * HOUR):
        assert send(hub, to, moment).counts() == {"sent": 0, "waiting": 2, "failed": 0}
    assert send(hub, to, NOON + HOUR).sent == 2
    assert len(endpoint.told) == 2


def test_a_dead_channel_delays_no_other_and_loses_nothing(
    hub: Hub, team: str, endpoint: Endpoint, other: Endpoint
) -> None:
    other.answers.clear()
    to = channels(
        team=team,
        refused=hook("refused", f"http://127.0.0.1:{dead_port()}/hook/s3cr3t"),
        hanging=hook("hanging", other.url),
    )
    for name in ("refused", "team", "hanging"):
        put(hub, f"{name} 1", f"{name} 2", channel=name)
    told = send(hub, to, seconds=1)
    assert told.counts() == {"sent": 2, "waiting": 0, "failed": 4}
    assert len(endpoint.told) == 2
    assert {one.channel: (one.tries, one.is_repeat) for one in left(hub)} == {
        "refused": (1, False),
        "hanging": (1, True),
    }
    assert "no answer within 1 seconds" in str(told.notes)
    assert "s3cr3t" not in str(told.notes) + str(left(hub))
    other.answers.set()
    assert send(hub, to).counts() == {"sent": 2, "waiting": 0, "failed": 2}
    assert all("(repeat possible) ref" in one["body"] for one in other.told[-2:])


def test_an_endpoint_that_answers_an_error_gets_it_again_at_the_next_run(
    hub: Hub, team: str, endpoint: Endpoint
) -> None:
    endpoint.statuses = [500]
    [reference] = put(hub, "Ada")
    told = send(hub, channels(team=team))
    assert told.counts() == {"sent": 0, "waiting": 0, "failed": 1}
    assert left(hub)[0].error == "the answer was 500 Internal Server Error"
    assert send(hub, channels(team=team)).sent == 1
    assert endpoint.told[0]["body"].endswith(f"\nref {reference}")  # surely no repeat


def test_a_channel_that_takes_nothing_is_left_alone_and_the_next_run_begins_with_others(
    hub: Hub, team: str, endpoint: Endpoint
) -> None:
    put(hub, *"abcde")
    endpoint.statuses = [400] * IN_A_ROW
    assert send(hub, channels(team=team)).counts() == {"sent": 0, "waiting": 2, "failed": 3}
    endpoint.statuses = [200, 200, 400]
    assert send(hub, channels(team=team)).counts() == {"sent": 4, "waiting": 0, "failed": 1}
    assert [one["body"][5] for one in endpoint.told] == ["d", "e", "b", "c"]


def test_what_was_being_sent_when_a_process_died_goes_out_again_as_a_repeat(
    hub: Hub, team: str, endpoint: Endpoint
) -> None:
    first, second = put(hub, "Ada", "Bob")
    with hub.write() as connection:
        notices.begin(connection, "loc", ["Ada"])
    assert send(hub, channels(team=team)).sent == 2
    bodies = [one["body"] for one in endpoint.told]
    assert bodies == [f"Call Ada.\n(repeat possible) ref {first}", f"Call Bob.\nref {second}"]


def test_a_process_that_is_killed_in_the_middle_of_a_message_loses_nothing(
    hub: Hub, hub_url: str, team: str, endpoint: Endpoint, forks: Forks, prefect_api: str
) -> None:
    references = put(hub, "Ada", "Bob")
    endpoint.answers.clear()
    running = forks.start(_deliver, prefect_api, hub_url, team)
    try:
        assert endpoint.heard.wait(60)
    finally:
        running.kill()
        running.join()
    endpoint.answers.set()
    assert send(hub, channels(team=team)).sent == 2
    sent = [one["body"].splitlines()[-1] for one in endpoint.told]
    assert sent == [f"ref {references[0]}", f"(repeat possible) ref {references[0]}", f"ref {references[1]}"]


def _deliver(prefect_api: str, hub_url: str, team: str) -> None:
    with temporary_settings({PREFECT_API_URL: prefect_api}):
        send(Hub(hub_url), channels(team=team))


def test_a_run_that_is_stopped_in_the_middle_of_a_message_loses_nothing(
    hub: Hub, team: str, endpoint: Endpoint
) -> None:
    [reference] = put(hub, "Ada")
    endpoint.answers.clear()

    async def stopped() -> None:
        running = asyncio.create_task(deliver(hub, "loc", channels(team=team), zone=VIENNA, now=NOON))
        assert await asyncio.to_thread(endpoint.heard.wait, 30)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    asyncio.run(stopped())
    endpoint.answers.set()
    assert [one.state for one in left(hub)] == [NoticeState.SENDING]
    assert send(hub, channels(team=team)).sent == 1
    assert all(reference in body for body in endpoint.texts)
    assert "repeat possible" in endpoint.texts[-1]


def test_a_repeat_stays_one_however_often_it_fails(hub: Hub, team: str, endpoint: Endpoint) -> None:
    put(hub, "Ada")
    with hub.write() as connection:
        notices.begin(connection, "loc", ["Ada"])
    endpoint.statuses = [500]
    assert send(hub, channels(team=team)).failed == 1
    assert send(hub, channels(team="custom-webhook/nobody")).failed == 1
    assert send(hub, channels(team=team)).sent == 1
    assert "repeat possible" in endpoint.texts[-1]


def test_slack_is_never_silent(hub: Hub, prefect_api: str) -> None:
    SlackWebhook(url=f"json://127.0.0.1:{dead_port()}/").save("gone", overwrite=True)
    put(hub, "Ada")
    assert send(hub, channels(team="slack-webhook/gone")).failed == 1
    [found] = left(hub)
    assert found.error


def test_no_channel_is_blamed_for_what_became_of_another(
    hub: Hub, prefect_api: str, endpoint: Endpoint, other: Endpoint
) -> None:
    endpoint.statuses, other.statuses = [404, 404], [503, 503]
    for name, one in (("first", endpoint), ("second", other)):
        address = one.url.replace("http://", "json://")
        SlackWebhook(url=address).save(name, overwrite=True)
        LushaConnectChannel(url=address).save(name, overwrite=True)
        put(hub, name, channel=name)
    send(hub, channels(first="slack-webhook/first", second="slack-webhook/second"))
    assert all("of all channels that were at work" in str(one.error) for one in left(hub))
    send(hub, channels(first="lusha-connect-channel/first", second="lusha-connect-channel/second"))
    for one, mine, theirs in zip(left(hub), ("404", "503"), ("503", "404"), strict=True):
        assert mine in str(one.error)
        assert theirs not in str(one.error)


@pytest.mark.parametrize(
    ("to", "words"),
    [
        ({"team": "custom-webhook/taem"}, ["There is no notification block", "custom-webhook/taem"]),
        ({"sales": "custom-webhook/team"}, ["has no such channel"]),
        ({"team": "lusha-connect-channel/nonsense"}, ["cannot be used"]),
    ],
)
def test_a_channel_without_a_block_that_can_is_told_at_once_and_its_notices_wait(
    hub: Hub, team: str, monkeypatch: pytest.MonkeyPatch, to: dict[str, Any], words: list[str]
) -> None:
    saved = LushaConnectChannel(url="json://localhost").save("nonsense", overwrite=True)
    assert saved
    monkeypatch.setattr(LushaConnectChannel, "block_initialization", _refusing)
    heard = hearing(monkeypatch)
    put(hub, "Ada", "Bob")
    told = send(hub, channels(**to))
    assert told.counts() == {"sent": 0, "waiting": 0, "failed": 2}
    for word in words:
        assert word in str(told.notes)
    assert len(heard) == 1
    assert [one.state for one in left(hub)] == [NoticeState.WAITING] * 2


def _refusing(_block: LushaConnectChannel) -> None:
    raise ValueError("Apprise knows no such address.")


def hearing(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    heard: list[tuple[str, ...]] = []
    monkeypatch.setattr(alerts, "channel_silent", lambda *told: heard.append(told))
    return heard


def test_a_channel_that_fails_run_after_run_is_told(
    hub: Hub, team: str, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard = hearing(monkeypatch)
    put(hub, "Ada")
    for run in range(1, RUNS + 2):
        endpoint.statuses = [503]
        assert send(hub, channels(team=team)).failed == 1
        assert len(heard) == max(0, run - RUNS + 1)
    location, rules, channel, what = heard[0]
    assert (location, rules, channel) == ("loc", "channels", "team")
    assert "1 notice could not be delivered: the answer was 503" in what
    assert send(hub, channels(team=team)).sent == 1


def test_one_that_is_dropped_is_not_sent(hub: Hub, team: str, endpoint: Endpoint) -> None:
    first, _ = put(hub, "Ada", "Bob")
    notices.drop(hub, "loc", first)
    assert send(hub, channels(team=team)).sent == 1
    assert "Call Bob." in endpoint.told[0]["body"]


def test_two_runs_at_once_send_nothing_twice(hub: Hub, team: str, endpoint: Endpoint) -> None:
    put(hub, *map(str, range(8)))

    async def both() -> list[Delivered]:
        work = [deliver(hub, "loc", channels(team=team), zone=VIENNA, now=NOON) for _ in range(2)]
        return await asyncio.gather(*work)

    told = asyncio.run(both())
    assert sum(one.sent for one in told) == len(endpoint.told) == 8


@pytest.mark.parametrize("url", ["nonsense://s3cr3t", "me:s3cr3t@example.com", "slack://s3cr3ttoken/Bs3cr3t"])
def test_an_address_that_apprise_does_not_know_is_refused_without_showing_it(
    url: str, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(ValueError, match="knows no such address") as caught:
        LushaConnectChannel(url=url)
    assert "s3cr3t" not in str(caught.value) + caplog.text


def test_an_address_whose_receiver_apprise_would_leave_out_is_refused() -> None:
    with pytest.raises(ValueError, match="is each receiver right"):
        LushaConnectChannel(url="mailto://mail.example.com?from=us@example.com&to=team at example.com")


def test_a_token_that_cannot_be_sent_is_not_told(hub: Hub, prefect_api: str, endpoint: Endpoint) -> None:
    pasted = {"authorization": "Bearer s3cr3t\n"}
    CustomWebhookNotificationBlock(name="pasted", url=endpoint.url, headers=pasted).save(
        "pasted", overwrite=True
    )
    put(hub, "Ada")
    told = send(hub, channels(team="custom-webhook/pasted"))
    assert told.failed == 1
    assert left(hub)[0].error == "LocalProtocolError"
    assert "s3cr3t" not in str(told.notes)


def test_a_hub_that_fails_one_channel_lets_the_others_come_to_their_end(
    hub: Hub, team: str, endpoint: Endpoint, other: Endpoint
) -> None:
    put(hub, "Ada", channel="team")
    put(hub, "Bob", channel="other")
    with hub.write() as connection:
        connection.exec_driver_sql(
            "CREATE TRIGGER full BEFORE UPDATE ON notices WHEN NEW.channel = 'team' AND NEW.state = 'sent'"
            " BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END"
        )
    other.answers.clear()
    threading.Timer(1, other.answers.set).start()
    with pytest.raises(HubUnavailableError, match="disk is full"):
        send(hub, channels(team=team, other=hook("other", other.url)))
    assert [(one.channel, one.state) for one in left(hub)] == [("team", NoticeState.SENDING)]
    assert len(other.told) == 1


class Shouting(NotificationBlock):
    """A block that tells its address when it fails."""

    async def notify(self, body: str, subject: str | None = None) -> None:
        raise OSError(f"no route for {subject} {body} to https://hooks.example/s3cr3t, sorry")


def test_a_reason_names_no_address() -> None:
    failure = asyncio.run(posting.post(Shouting(), "Hello", "Ada", 5))
    assert failure is not None
    assert failure.why == "OSError: no route for Hello Ada to (address) sorry"


def test_a_block_that_notifies_nobody_is_refused(prefect_api: str) -> None:
    Secret(value="x").save("some", overwrite=True)
    with pytest.raises(Exception, match="secret/some"):
        asyncio.run(posting.load("secret/some"))
