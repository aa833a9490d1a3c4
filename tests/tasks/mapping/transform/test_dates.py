"""Dates in the spellings of people and programs."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.mapping.transform import dates
from tasks.mapping.transform.dates import NoDateError, Order, order_told, read_date, read_moment

BORN = dt.date(1990, 2, 28)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "1990-02-28",
            "1990/02/28",
            "1990.02.28",
            "1990-2-28",
            "19900228",
            "90/02/28",
            "1990\u5e742\u670828\u65e5",
        ),
        *(
            "28/02/1990",
            "28.02.1990",
            "28-02-1990",
            "28. 2. 1990",
            "28.02.90",
            "02/28/1990",
            "2/28/90",
            "02-28-1990",
        ),
        *(
            "28 Feb 1990",
            "28-Feb-90",
            "28/Feb/1990",
            "28Feb1990",
            "Feb 28, 1990",
            "February 28th, 1990",
            "Feb 28 '90",
        ),
        *("28. Februar 1990", "Mi., 28. Feb. 1990", "28 f\xe9vrier 1990", "mercredi 28 f\xe9vr. 1990"),
        *(
            "28 de febrero de 1990",
            "28 febbraio 1990",
            "28 fevereiro 1990",
            "28 februari 1990",
            "the 28th of February 1990",
            "1990 Feb 28",
        ),
        *("2/28/1990 12:00:00 AM", "28.02.1990 00:00:00", "1990-02-28 00:00", "1990-02-28T05:00:00.000Z"),
        "Wed Feb 28 1990 00:00:00 GMT+0100 (CET)",
    ],
)
def test_what_says_one_day_is_read(text: str) -> None:
    assert read_date(text, None, past=True) == BORN


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        *(
            (text, dates.NO_YEAR)
            for text in ("--02-28", "--0228", "02/28", "28.02.", "28-02", "28 Feb", "Feb 28")
        ),
        *(
            (text, dates.UNREAL)
            for text in ("0000-00-00", "0/0/00", "00.00.0000", "1900-01-00", "29.02.1990")
        ),
        *((text, dates.UNREAL) for text in ("02/30/1990", "1990-28-02", "28021990")),
        *((text, dates.TWO_WAYS) for text in ("2/3/1990", "02-03-90", "12/11/2001 10:00")),
        *(
            (text, dates.NONE)
            for text in ("soon", "44 BC", "H2-02-28", "1990-02", "Feb", "1990-059", "x" * 1000)
        ),
        ("Feb 1990", dates.NO_DAY),
    ],
)
def test_what_is_no_certain_day_says_why(text: str, problem: str) -> None:
    with pytest.raises(NoDateError, match=f"^{problem}"):
        read_date(text, None, past=True)


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("28/02/1990", Order.DAY_FIRST),
        ("2/28/90", Order.MONTH_FIRST),
        ("02/28/1990 10:00", Order.MONTH_FIRST),
        *(
            (text, None)
            for text in ("2/3/1990", "1990-02-28", "28 Feb 1990", "32/32/1990", "13/32/1990", "", "x" * 99)
        ),
    ],
)
def test_a_number_that_is_no_month_proves_the_order_of_its_column(text: str, order: Order | None) -> None:
    assert order_told(text) is order


def test_where_a_text_does_not_tell_the_order_of_its_column_does() -> None:
    assert read_date("2/3/1990", Order.DAY_FIRST) == dt.date(1990, 3, 2)
    assert read_date("2/3/1990", Order.MONTH_FIRST) == dt.date(1990, 2, 3)
    assert read_date("28/02/1990", Order.MONTH_FIRST) == BORN
    assert read_date("2/2/1990", None) == dt.date(1990, 2, 2)
    assert read_date("02.03.1990", None) == dt.date(1990, 3, 2)


def test_two_digits_of_a_year_are_the_last_such_year_or_the_nearest() -> None:
    today = dt.datetime.now(dt.UTC).date()
    next_year = f"1.1.{(today.year + 1) % 100:02}"
    assert read_date(next_year, None, past=True) == dt.date(today.year - 99, 1, 1)
    assert read_date(next_year, None) == dt.date(today.year + 1, 1, 1)
    assert read_date(f"{today:%d.%m.%y}", None, past=True) == today


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("31.1.2024", "00:00"),
        ("31.1.2024 9:05", "09:05"),
        ("1/31/2024 12:30 AM", "00:30"),
        ("1/31/2024 3:00pm", "15:00"),
    ],
)
def test_a_moment_has_the_time_that_its_text_says(text: str, time: str) -> None:
    assert f"{read_moment(text, None):%Y-%m-%d %H:%M}" == f"2024-01-31 {time}"


@given(
    st.dates(dt.date(1900, 1, 1), dt.date(2100, 1, 1)),
    st.sampled_from(["%Y-%m-%d", "%Y%m%d", "%d %B %Y", "%b %d, %Y"]),
)
def test_a_date_is_read_back_as_it_was_written(day: dt.date, way: str) -> None:
    assert read_date(day.strftime(way), None) == day


@given(st.text(max_size=20))
def test_no_text_does_any_harm(text: str) -> None:
    with suppress(NoDateError):
        assert read_moment(text, Order.DAY_FIRST).tzinfo is None
