"""Times and numbers as a person reads them."""

import math
from datetime import UTC, datetime


def clock(at_us: int) -> str:
    """`1:02.483`, with hours where there are any."""
    sign, ms = ("-" if at_us < 0 else ""), round(abs(at_us) / 1000)
    minutes, ms = divmod(ms, 60_000)
    hours, minutes = divmod(minutes, 60)
    head = f"{hours}:{minutes:02d}" if hours else str(minutes)
    return f"{sign}{head}:{ms // 1000:02d}.{ms % 1000:03d}"


def lasting(duration_us: int) -> str:
    """`480 ms`, `12.4 s`, `3 min 20 s`, `41.2 h`."""
    seconds = duration_us / 1e6
    if seconds < 1:
        return f"{duration_us / 1000:.0f} ms"
    if seconds < 100:
        return f"{seconds:.1f} s"
    if seconds < 3600:
        minutes, rest = divmod(round(seconds), 60)
        return f"{minutes} min {rest:02d} s"
    return f"{seconds / 3600:,.1f} h"


def number(value: float) -> str:
    """Three significant digits, without an exponent where one can do without."""
    if not math.isfinite(value):
        return "not a number" if math.isnan(value) else "infinite"
    if value == 0 or 1e-4 <= abs(value) < 1e6:
        digits = 3 if value == 0 else max(0, 2 - math.floor(math.log10(abs(value))))
        text = f"{value:,.{digits}f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    return f"{value:.2e}"


def size(count: int) -> str:
    """Bytes with a decimal unit."""
    value = float(count)
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if value < 1000:
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:,.1f} PB"


def date(at_us: int) -> str:
    """Day and minute, UTC."""
    return datetime.fromtimestamp(at_us / 1e6, UTC).strftime("%Y-%m-%d %H:%M UTC")


def ticks(start_us: int, end_us: int, at_most: int) -> tuple[int, ...]:
    """Round times in [start, end], no more than `at_most`, at a step of 1, 2 or 5 times a power of ten."""
    if end_us <= start_us:
        return ()
    wanted = (end_us - start_us) / at_most
    power = 10 ** math.floor(math.log10(wanted))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= wanted)
    step_us = max(1, math.ceil(step))
    first = -(-start_us // step_us) * step_us
    return tuple(range(first, end_us + 1, step_us))
