"""A chart of one figure by day, as SVG that takes its colours from the style sheet."""

import math
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from datetime import date

import leather
from django.utils.formats import date_format
from django.utils.safestring import SafeString, mark_safe

WIDTH, HEIGHT = 420, 180
"""In the picture's own units; it takes the width that there is."""
LEAST = 2
"""Where the upward axis ends at least, so that its middle is a whole number."""


def columns(days: Sequence[date], values: Sequence[float | None], label: str) -> SafeString:
    """One column a day from 0 upwards; None has none. `label` says what there is to see. Some value is above 0."""
    top = _top(max(value for value in values if value is not None))
    chart = leather.Chart()
    chart.add_columns([(day.isoformat(), value) for day, value in zip(days, values, strict=True)])
    chart.add_y_scale(0, top)
    chart.add_y_axis(ticks=[0, top / 2, top], tick_formatter=_number)
    chart.add_x_axis(ticks=[days[0].isoformat(), days[-1].isoformat()], tick_formatter=_day)
    return _drawn(chart, label)


def _drawn(chart: leather.Chart, label: str) -> SafeString:
    picture = ET.Element("svg", {"viewBox": f"0 0 {WIDTH} {HEIGHT}", "role": "img", "aria-label": label})
    picture.append(chart.to_svg_group(WIDTH, HEIGHT))
    return mark_safe(ET.tostring(picture, encoding="unicode"))  # noqa: S308 - ElementTree escapes


def _top(highest: float) -> int:
    """The round number at or above it: 2, 4 or 10 times a power of ten."""
    magnitude = 10 ** max(0, math.ceil(math.log10(highest)) - 1)
    return next(factor * magnitude for factor in (LEAST, 4, 10) if factor * magnitude >= highest)


def _number(value: float, _place: int, _count: int) -> str:
    return f"{value:,.10g}"


def _day(value: str, _place: int, _count: int) -> str:
    return date_format(date.fromisoformat(value), "j M")
