"""Says in words which browser and system a session is of."""

import re

BROWSERS = {
    "Edg": "Edge",
    "OPR": "Opera",
    "SamsungBrowser": "Samsung Internet",
    "Firefox": "Firefox",
    "FxiOS": "Firefox",
    "CriOS": "Chrome",
    "Chrome": "Chrome",
    "Safari": "Safari",
}
SYSTEMS = {
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Windows": "Windows",
    "Macintosh": "macOS",
    "CrOS": "ChromeOS",
    "Linux": "Linux",
}
"""Both from the rarer word to the more common one, because browsers name their ancestors too (RFC 9110, 10.1.5)."""


def device_of(user_agent: str) -> str:
    """“Firefox, Windows”; what is not known is left out, and “” where nothing is."""
    words = set(re.findall(r"\w+", user_agent))
    named = (
        next((name for word, name in table.items() if word in words), "") for table in (BROWSERS, SYSTEMS)
    )
    return ", ".join(name for name in named if name)
