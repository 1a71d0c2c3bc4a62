"""Not asking again and again a broker that does not answer."""

from enum import StrEnum


class CircuitState(StrEnum):
    CLOSED = "closed"  # calls pass
    OPEN = "open"  # calls fail at once
    HALF_OPEN = "half_open"  # one call may try


class Circuit:
    """Watches one host for one account. Times are seconds of the event loop.

    Opens after `threshold` failures in a row. After `pause` seconds one call may try; if it fails
    too, the next pause is twice as long, up to `longest`. What comes from the host, even a refusal,
    is no failure: only that nothing comes is.
    """

    def __init__(self, threshold: int = 5, pause: float = 5.0, longest: float = 60.0) -> None:
        self._threshold = threshold
        self._first = pause
        self._longest = longest
        self._pause = pause
        self._failures = 0
        self._opened_at: float | None = None
        self._trying = False

    def state(self, now: float) -> CircuitState:
        if self._opened_at is None:
            return CircuitState.CLOSED
        if now - self._opened_at < self._pause:
            return CircuitState.OPEN
        return CircuitState.HALF_OPEN

    def retry_after(self, now: float) -> float:
        """Seconds until a call may try; 0 when it may."""
        return 0.0 if self._opened_at is None else max(0.0, self._opened_at + self._pause - now)

    def refuses(self, now: float) -> bool:
        state = self.state(now)
        return state is CircuitState.OPEN or (state is CircuitState.HALF_OPEN and self._trying)

    def enter(self, now: float, *, always: bool = False) -> bool:
        """Whether a call may go. One that may must be followed by `succeeded`, `failed` or `left`.

        With `always` it may in any state.
        """
        if always:
            return True
        if self.refuses(now):
            return False
        self._trying = self._opened_at is not None
        return True

    def succeeded(self) -> bool:
        """The host answered. Returns whether that closed the circuit."""
        closed = self._opened_at is not None
        self._opened_at = None
        self._pause = self._first
        self._failures = 0
        self._trying = False
        return closed

    def failed(self, now: float) -> bool:
        """Nothing came from the host. Returns whether that opened the circuit, or kept it open."""
        self._failures += 1
        self._trying = False
        if self._opened_at is None:
            if self._failures < self._threshold:
                return False
        elif self.state(now) is CircuitState.OPEN:
            # A call that was under way, or one that may always try: no news.
            return False
        else:
            self._pause = min(self._pause * 2, self._longest)
        self._opened_at = now
        return True

    def left(self) -> None:
        """The call ended without saying anything about the host."""
        self._trying = False
