"""How the paper exchange is set up: in memory, written through to the store, in force at once."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from datetime import time, timedelta
from decimal import Decimal
from typing import cast

import structlog

from openalgo.domain.clock import Clock
from openalgo.domain.day_events import DaySettings
from openalgo.domain.errors import InvalidRequest
from openalgo.domain.market import Exchange
from openalgo.persistence.main import sandbox_config
from openalgo.persistence.stores import Store, storage_errors
from openalgo.sandbox.rules import OcoMargin, Rules
from openalgo.trading.paper.keys import NEVER, SETTINGS, WEEKDAYS, Setting
from openalgo.trading.paper.values import TRUE

log = structlog.get_logger(__name__)

Apply = Callable[[Rules, DaySettings], None]


class PaperSettings:
    """The settings of the whole installation: one exchange has one set of rules."""

    def __init__(self, main: Store, clock: Clock) -> None:
        self._main = main
        self._clock = clock
        self._values: dict[str, str] = {}
        self._followers: list[Apply] = []
        self._changing = asyncio.Lock()

    def follow(self, apply: Apply) -> None:
        """Have `apply` called now, and whenever something changes."""
        self._followers.append(apply)
        apply(self.rules, self.days)

    async def load(self) -> None:
        """Read all settings anew. Raises `StorageUnavailable`."""
        async with self._changing:
            with storage_errors():
                async with self._main.read() as tx:
                    stored = await sandbox_config.every(tx)
            self._adopt(dict(_readable(stored)))

    def value(self, key: str) -> str:
        return self._values.get(key, SETTINGS[key].default)

    @property
    def rules(self) -> Rules:
        return rules_of(self._everything())

    @property
    def days(self) -> DaySettings:
        return days_of(self._everything())

    async def update(self, key: str, text: str, *, by: str) -> None:
        """Set one value. Raises `InvalidRequest` for a key nobody knows and a value it cannot
        have, `StorageUnavailable`; nothing has changed then."""
        setting = SETTINGS.get(key)
        if setting is None:
            raise InvalidRequest("config_key", f"Unknown configuration key: {key[:100]}")
        value = _read(setting, text)
        async with self._changing:
            with storage_errors():
                async with self._main.write() as tx:
                    await sandbox_config.put(tx, key, value, at=self._clock.now(), by=by)
            self._adopt({**self._values, key: value})
        log.info("paper exchange set up", key=key, value=value, by=by)

    async def restore_defaults(self, *, by: str) -> None:
        """Forget what was set, but for settings that are kept. Raises `StorageUnavailable`;
        nothing has changed then."""
        gone = [setting.key for setting in SETTINGS.values() if not setting.kept_on_reset]
        async with self._changing:
            with storage_errors():
                async with self._main.write() as tx:
                    await sandbox_config.drop(tx, gone)
            self._adopt({key: text for key, text in self._values.items() if key not in gone})
        log.info("paper exchange set up as at first", by=by)

    def _everything(self) -> dict[str, str]:
        return {key: self.value(key) for key in SETTINGS}

    def _adopt(self, values: dict[str, str]) -> None:
        self._values = values
        rules, days = self.rules, self.days
        for apply in self._followers:
            apply(rules, days)


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
