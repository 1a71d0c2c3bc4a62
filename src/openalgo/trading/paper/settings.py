"""How the paper exchange is set up: in memory, written through to the store, in force at once."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from datetime import time, timedelta
from decimal import Decimal
from typing import cast

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from openalgo.domain.clock import Clock
from openalgo.domain.day_events import DaySettings
from openalgo.domain.errors import InvalidRequest
from openalgo.domain.market import Exchange
from openalgo.persistence.main import sandbox_config
from openalgo.persistence.stores import Store, storage_errors
from openalgo.sandbox.rules import (
    ExpiryTiming,
    OcoMargin,
    OptionSettlement,
    ProceedsPolicy,
    Rules,
)
from openalgo.trading.paper.keys import NEVER, SETTINGS, WEEKDAYS, Setting
from openalgo.trading.paper.values import TRUE

log = structlog.get_logger(__name__)

Apply = Callable[[Rules, str], Awaitable[None]]
"""Goes by the rules from now on, or raises and goes by the old ones; the text is the cause."""


class PaperSettings:
    """The settings of the whole installation: one exchange has one set of rules."""

    def __init__(self, main: Store, clock: Clock) -> None:
        self._main = main
        self._clock = clock
        self._values: dict[str, str] = {}
        self._apply: Apply | None = None
        self._changing = asyncio.Lock()

    def follow(self, apply: Apply) -> None:
        """Have `apply` called before something changes."""
        self._apply = apply

    async def load(self, *, cause: str = "start") -> None:
        """Read all settings anew. Raises `StorageUnavailable`, and what refuses the rules."""
        async with self._changing:
            with storage_errors():
                async with self._main.read() as tx:
                    stored = await sandbox_config.every(tx)
            values = dict(_readable(stored))
            await self._go_by(values, cause)
            self._values = values

    def value(self, key: str) -> str:
        return self._values.get(key, SETTINGS[key].default)

    @property
    def rules(self) -> Rules:
        return rules_of(_complete(self._values))

    async def update(self, key: str, text: str, *, by: str, cause: str) -> None:
        """Set one value. Raises `InvalidRequest` for a key nobody knows and a value it cannot
        have, `StorageUnavailable`, and what refuses the rules; nothing has changed then."""
        setting = SETTINGS.get(key)
        if setting is None:
            raise InvalidRequest("config_key", f"Unknown configuration key: {key[:100]}")
        value = _read(setting, text)
        async with self._changing, self._written({**self._values, key: value}, cause) as tx:
            await sandbox_config.put(tx, key, value, at=self._clock.now(), by=by)
        log.info("paper exchange set up", key=key, value=value, by=by)

    async def restore_defaults(self, *, by: str, cause: str) -> None:
        """Forget what was set, but for settings that are kept. Raises `StorageUnavailable`, and
        what refuses the rules; nothing has changed then."""
        gone = [setting.key for setting in SETTINGS.values() if not setting.kept_on_reset]
        async with self._changing:
            left = {key: text for key, text in self._values.items() if key not in gone}
            async with self._written(left, cause) as tx:
                await sandbox_config.drop(tx, gone)
        log.info("paper exchange set up as at first", by=by)

    @asynccontextmanager
    async def _written(self, values: dict[str, str], cause: str) -> AsyncIterator[AsyncConnection]:
        """The transaction that stores `values`, once the exchange goes by them. It may refuse
        them, so it comes first; where they cannot be stored it goes back to the old ones."""
        await self._go_by(values, cause)
        try:
            with storage_errors():
                async with self._main.write() as tx:
                    yield tx
        except BaseException:
            await self._go_by(self._values, cause)
            raise
        self._values = values

    async def _go_by(self, values: Mapping[str, str], cause: str) -> None:
        if self._apply is not None:
            await self._apply(rules_of(_complete(values)), cause)


def rules_of(values: Mapping[str, str]) -> Rules:
    """The rules that all settings, each in its one spelling, come to."""
    return Rules(
        starting_capital=Decimal(values["starting_capital"]),
        equity_mis_leverage=Decimal(values["equity_mis_leverage"]),
        equity_cnc_leverage=Decimal(values["equity_cnc_leverage"]),
        futures_leverage=Decimal(values["futures_leverage"]),
        option_buy_leverage=Decimal(values["option_buy_leverage"]),
        option_sell_leverage=Decimal(values["option_sell_leverage"]),
        enforce_market_hours=values["enforce_market_hours"] == TRUE,
        gtt_oco_margin=cast(OcoMargin, values["gtt_oco_margin_mode"]),
        sale_proceeds_policy=cast(ProceedsPolicy, values["sale_proceeds_policy"]),
        expiry_settlement_timing=cast(ExpiryTiming, values["expiry_settlement_timing"]),
        option_expiry_settlement=cast(OptionSettlement, values["option_expiry_settlement"]),
        marking_seconds=int(values["mtm_update_interval"]),
        days=days_of(values),
    )


def days_of(values: Mapping[str, str]) -> DaySettings:
    """The times of the day that all settings, each in its one spelling, come to."""
    equity = time.fromisoformat(values["nse_bse_square_off_time"])
    derivatives = time.fromisoformat(
        values["nfo_square_off_time"] or values["nse_bse_square_off_time"]
    )
    currency = time.fromisoformat(values["cds_bcd_square_off_time"])
    commodities = time.fromisoformat(values["mcx_square_off_time"])
    lead = timedelta(minutes=int(values["mcx_square_off_offset_min"]))
    day = values["reset_day"]
    return DaySettings(
        square_off={
            Exchange.NSE: equity,
            Exchange.BSE: equity,
            Exchange.NFO: derivatives,
            Exchange.BFO: derivatives,
            Exchange.CDS: currency,
            Exchange.BCD: currency,
            Exchange.MCX: commodities,
            Exchange.NCO: commodities,
            Exchange.NCDEX: time.fromisoformat(values["ncdex_square_off_time"]),
            Exchange.CRYPTO: time.fromisoformat(values["crypto_square_off_time"]),
        },
        before_close={Exchange.MCX: lead, Exchange.NCO: lead},
        reset_on=None if day == NEVER else WEEKDAYS.index(day),
        reset_at=time.fromisoformat(values["reset_time"]),
    )


def _complete(values: Mapping[str, str]) -> dict[str, str]:
    return {key: values.get(key, setting.default) for key, setting in SETTINGS.items()}


def _read(setting: Setting, text: str) -> str:
    try:
        return setting.read(text.strip())
    except ValueError as error:
        raise InvalidRequest("config_value", f"{setting.key} {error}") from error


def _readable(stored: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """What this version of the program still understands."""
    for key, text in stored.items():
        setting = SETTINGS.get(key)
        if setting is None:
            log.warning("unknown setting of the paper exchange ignored", key=key)
            continue
        try:
            yield key, setting.read(text)
        except ValueError as error:
            log.warning("setting of the paper exchange ignored", key=key, error=str(error))
