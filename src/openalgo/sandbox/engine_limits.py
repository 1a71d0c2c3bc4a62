"""How much the engine of the paper exchange takes on."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much the engine takes on. Times are seconds of transport time.

    A batch is as much as is decided in `batch_seconds`, or of an event of a day, which makes more
    garbage to collect meanwhile, in `day_seconds`; one of more events than
    `events_at_a_stretch` lets others run before it is made into rows. After the commit, others
    run between slices of `slice_seconds` of publishing, and after every `answers_at_a_stretch`.
    """

    batch_commands: int = 256
    batch_seconds: float = 0.003
    day_seconds: float = 0.002
    events_at_a_stretch: int = 32
    answers_at_a_stretch: int = 16
    slice_seconds: float = 0.002
    inbox: int = 4096
    exit_reserve: int = 512
    unknown_after: float = 5.0
    retry_seconds: float = 0.25
    interest_lingers: float = 5.0
