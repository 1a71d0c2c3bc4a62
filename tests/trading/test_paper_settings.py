"""How the paper exchange is set up: one spelling a value, in force at once, and kept."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import time, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openalgo.domain.clock import ManualClock
from openalgo.domain.day_events import DaySettings
from openalgo.domain.errors import InvalidRequest, StorageUnavailable
from openalgo.domain.market import Exchange
from openalgo.persistence.main import sandbox_config
from openalgo.persistence.main.tables import metadata
from openalgo.persistence.stores import Store
from openalgo.sandbox.rules import Rules
from openalgo.trading.paper.keys import SETTINGS, Group, Setting
from openalgo.trading.paper.settings import PaperSettings, days_of, rules_of
from tests.support.market import MORNING


@pytest.fixture
async def main(tmp_path: Path) -> AsyncIterator[Store]:
    store = Store("main", f"sqlite:///{tmp_path / 'main.db'}")
    async with store.schema_change() as connection:
        await connection.run_sync(metadata.create_all)
    yield store
    await store.close()


@pytest.fixture
def settings(main: Store) -> PaperSettings:
    return PaperSettings(main, ManualClock(MORNING))


def test_what_nobody_set_is_what_the_exchange_does_by_itself() -> None:
    values = {key: setting.default for key, setting in SETTINGS.items()}
    assert rules_of(values) == Rules()
    assert days_of(values) == DaySettings()


@pytest.mark.parametrize("setting", SETTINGS.values(), ids=lambda setting: setting.key)
def test_defaults_are_spelled_the_one_way(setting: Setting) -> None:
    assert setting.read(setting.default) == setting.default


@given(st.text(max_size=30) | st.decimals().map(str) | st.integers().map(str))
def test_a_reader_refuses_with_words_or_returns_what_it_would_take_again(text: str) -> None:
    everything = {key: each.default for key, each in SETTINGS.items()}
    for setting in SETTINGS.values():
        try:
            value = setting.read(text)
        except ValueError as error:
            problem = str(error)
        else:
            problem = ""
            assert setting.read(value) == value
            rules_of(everything | {setting.key: value})
            days_of(everything | {setting.key: value})
        assert problem.startswith("must be ") or not problem


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("starting_capital", "500000", "500000.00"),
        ("starting_capital", "1e7", "10000000.00"),
        ("reset_day", "friday", "Friday"),
        ("reset_time", " 09:05 ", "09:05"),
        ("order_check_interval", "030", "30"),
        ("mtm_update_interval", "0", "0"),
        ("equity_mis_leverage", "50.00", "50"),
        ("equity_mis_leverage", "1.25", "1.25"),
        ("equity_cnc_leverage", "1.0", "1"),
        ("gtt_oco_margin_mode", "SUM", "sum"),
        ("enforce_market_hours", "False", "false"),
        ("nfo_square_off_time", "", ""),
        ("expiry_settlement_timing", "next_day", "next_day"),
    ],
)
async def test_a_value_has_one_spelling(
    settings: PaperSettings, key: str, text: str, value: str
) -> None:
    await settings.update(key, text, by="ravi", cause="r1")
    assert settings.value(key) == value


@pytest.mark.parametrize(
    ("key", "text", "problem"),
    [
        ("starting_capital", "750000", "must be one of 100000, 500000, 1000000, 2500000"),
        ("starting_capital", "nan", "must be one of"),
        ("reset_day", "Someday", "must be one of Monday, Tuesday"),
        ("reset_time", "24:00", "must be a time HH:MM"),
        ("reset_time", "9:05", "must be a time HH:MM"),
        ("order_check_interval", "0", "must be a whole number from 1 to 30"),
        ("order_check_interval", "31", "must be a whole number from 1 to 30"),
        ("order_check_interval", "2.5", "must be a whole number from 1 to 30"),
        ("mtm_update_interval", "61", "must be a whole number from 0 to 60"),
        ("equity_mis_leverage", "0.99", "must be a number from 1 to 50"),
        ("equity_mis_leverage", "50.01", "must be a number from 1 to 50"),
        ("futures_leverage", "1.001", "must be a number from 1 to 50"),
        ("futures_leverage", "inf", "must be a number from 1 to 50"),
        ("equity_cnc_leverage", "2", "must be 1: shares for delivery are paid in full"),
        ("nse_bse_square_off_time", "", "must be a time HH:MM"),
        ("mcx_square_off_offset_min", "0", "must be a whole number from 1 to 240"),
        ("gtt_oco_margin_mode", "min", "must be one of max, sum"),
        ("enforce_market_hours", "perhaps", "must be one of true, false"),
        ("smart_order_delay", "-1", "must be a number from 0 to 1000"),
        ("option_expiry_settlement", "intrinsic", "must be one of ltp, zero"),
    ],
)
async def test_what_a_value_must_be_is_said(
    settings: PaperSettings, key: str, text: str, problem: str
) -> None:
    before = settings.value(key)
    with pytest.raises(InvalidRequest, match=f"^{key} {problem}") as refused:
        await settings.update(key, text, by="ravi", cause="r1")
    assert refused.value.field == "config_value"
    assert settings.value(key) == before


async def test_upstream_bug_mtm_update_interval_has_no_effect(settings: PaperSettings) -> None:
    """It is how often those who watch are sent values; 0 for never. In force at once."""
    went_by: list[Rules] = []

    async def apply(rules: Rules, _: str) -> None:
        went_by.append(rules)

    settings.follow(apply)
    assert settings.rules.marking_seconds == 5
    for seconds in (60, 0):
        await settings.update("mtm_update_interval", str(seconds), by="ravi", cause="r1")
        assert went_by[-1].marking_seconds == settings.rules.marking_seconds == seconds


async def test_a_key_nobody_knows_is_refused(settings: PaperSettings, main: Store) -> None:
    with pytest.raises(InvalidRequest, match="Unknown configuration key: leverage") as refused:
        await settings.update("leverage", "5", by="ravi", cause="r1")
    assert refused.value.field == "config_key"
    async with main.read() as tx:
        assert await sandbox_config.every(tx) == {}


async def test_a_change_is_in_force_at_once_and_after_a_restart(
    settings: PaperSettings, main: Store
) -> None:
    seen: list[Rules] = []

    async def apply(rules: Rules, cause: str) -> None:
        assert cause == "r1"
        seen.append(rules)

    settings.follow(apply)
    await settings.update("equity_mis_leverage", "4", by="ravi", cause="r1")
    await settings.update("reset_day", "Sunday", by="ravi", cause="r1")
    await settings.update("reset_time", "20:30", by="ravi", cause="r1")
    leverage = replace(Rules(), equity_mis_leverage=Decimal(4))
    days = replace(DaySettings(), reset_on=6, reset_at=time(20, 30))
    assert seen[0] == leverage
    assert seen[-1] == replace(leverage, days=days)
    assert len(seen) == 3
    again = PaperSettings(main, ManualClock(MORNING))
    await again.load()
    assert again.rules == seen[-1]


async def test_rules_the_exchange_refuses_are_not_kept(
    settings: PaperSettings, main: Store
) -> None:
    async def refuse(rules: Rules, cause: str) -> None:
        raise InvalidRequest("starting_capital", f"{cause}: not {rules.starting_capital}")

    settings.follow(refuse)
    with pytest.raises(InvalidRequest, match="r1: not 100000"):
        await settings.update("starting_capital", "100000", by="ravi", cause="r1")
    assert settings.rules == Rules()
    async with main.read() as tx:
        assert await sandbox_config.every(tx) == {}


@pytest.mark.parametrize(
    ("key", "exchanges"),
    [
        ("nse_bse_square_off_time", "NSE BSE NFO BFO"),
        ("nfo_square_off_time", "NFO BFO"),
        ("cds_bcd_square_off_time", "CDS BCD"),
        ("mcx_square_off_time", "MCX NCO"),
        ("ncdex_square_off_time", "NCDEX"),
        ("crypto_square_off_time", "CRYPTO"),
    ],
)
async def test_square_off_times_are_those_of_their_exchanges(
    settings: PaperSettings, key: str, exchanges: str
) -> None:
    await settings.update(key, "14:44", by="ravi", cause="r1")
    moved = dict.fromkeys(map(Exchange, exchanges.split()), time(14, 44))
    assert settings.rules.days.square_off == {**DaySettings().square_off, **moved}


async def test_the_lead_before_a_close_is_in_minutes(settings: PaperSettings) -> None:
    await settings.update("mcx_square_off_offset_min", "40", by="ravi", cause="r1")
    forty = timedelta(minutes=40)
    assert settings.rules.days.before_close == {Exchange.MCX: forty, Exchange.NCO: forty}


async def test_what_cannot_be_stored_is_not_in_force(
    settings: PaperSettings, main: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: object) -> None:
        raise OSError("No space left on device")

    seen: list[Rules] = []

    async def apply(rules: Rules, _: str) -> None:
        seen.append(rules)

    settings.follow(apply)
    monkeypatch.setattr(Store, "write", full)
    with pytest.raises(StorageUnavailable):
        await settings.update("equity_mis_leverage", "4", by="ravi", cause="r1")
    with pytest.raises(StorageUnavailable):
        await settings.restore_defaults(by="ravi", cause="r1")
    assert settings.rules == Rules()
    assert seen[0] == replace(Rules(), equity_mis_leverage=Decimal(4))
    assert seen[1:] == [Rules()] * 3


async def test_defaults_come_back_but_for_what_is_kept(settings: PaperSettings) -> None:
    changed = {
        "starting_capital": "100000.00",
        "ncdex_square_off_time": "16:30",
        "expiry_settlement_timing": "next_day",
        "gtt_oco_margin_mode": "sum",
    }
    for key, value in changed.items():
        await settings.update(key, value, by="ravi", cause="r1")
    await settings.restore_defaults(by="ravi", cause="r1")
    assert {key: settings.value(key) for key in changed} == {
        "starting_capital": "10000000.00",
        "ncdex_square_off_time": "17:00",
        "expiry_settlement_timing": "next_day",
        "gtt_oco_margin_mode": "sum",
    }
    kept = {setting.group for setting in SETTINGS.values() if setting.kept_on_reset}
    assert kept == {Group.EXPIRY, Group.GTT, Group.LIMITS}


async def test_what_this_version_does_not_understand_is_left_out(
    settings: PaperSettings, main: Store
) -> None:
    async with main.write() as tx:
        for key, value in (
            ("from_the_future", "1"),
            ("futures_leverage", "99"),
            ("reset_day", "Monday"),
        ):
            await sandbox_config.put(tx, key, value, at=MORNING, by="ravi")
    await settings.load()
    assert settings.rules == replace(Rules(), days=replace(DaySettings(), reset_on=0))
