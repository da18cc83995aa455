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
ROUND = (2, 4, 10)


def columns(days: Sequence[date], values: Sequence[float | None], label: str) -> SafeString:
    """One column a day from 0 upwards; None has none. `label` says what there is to see. Some value is above 0."""
    top = _top([value for value in values if value is not None])
    chart = leather.Chart()
    chart.add_columns([(day.isoformat(), value) for day, value in zip(days, values, strict=True)])
    chart.add_y_scale(0, top)
    chart.add_y_axis(ticks=[0, top / 2, top], tick_formatter=lambda value, *_: f"{value:,.10g}")
    written = "j M" if days[0].year == days[-1].year else "j M Y"
    chart.add_x_axis(
        ticks=[days[0].isoformat(), days[-1].isoformat()],
        tick_formatter=lambda day, *_: date_format(date.fromisoformat(day), written),
    )
    return _drawn(chart, label)


def _drawn(chart: leather.Chart, label: str) -> SafeString:
    picture = ET.Element("svg", {"viewBox": f"0 0 {WIDTH} {HEIGHT}", "role": "img", "aria-label": label})
    picture.append(chart.to_svg_group(WIDTH, HEIGHT))
    return mark_safe(ET.tostring(picture, encoding="unicode"))  # noqa: S308 - ElementTree escapes


def _top(values: Sequence[float]) -> float:
    """The round number at or above all of them: 2, 4 or 10 times a power of ten. Of whole numbers its half is whole."""
    highest = max(values)
    power = math.ceil(math.log10(highest)) - 1
    if all(isinstance(value, int) for value in values):
        power = max(0, power)
    return next(factor * 10.0**power for factor in ROUND if factor * 10.0**power >= highest)
