"""Django's cache in Redis, for a set-up of several processes that count together."""

import logging
from collections.abc import Callable
from typing import Any

from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis import RedisError

log = logging.getLogger("strongroom.cache")


def _shared(name: str) -> Callable[..., Any]:
    """The cache's method of this name: in Redis, and in this process while Redis is away."""

    def method(self: "SharedCache", *args: Any, **kwargs: Any) -> Any:
        try:
            return getattr(RedisCache, name)(self, *args, **kwargs)
        except RedisError as error:
            log.warning("This process remembers and counts by itself: %s", error)
            return getattr(self.alone, name)(*args, **kwargs)

    return method


class SharedCache(RedisCache):
    """A cache that goes on in each process by itself while Redis is away: nobody is kept out, and limits hold there."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self.alone = LocMemCache("while Redis is away", {})

    add = _shared("add")
    get = _shared("get")
    set = _shared("set")
    touch = _shared("touch")
    delete = _shared("delete")
    has_key = _shared("has_key")
    incr = _shared("incr")
    get_many = _shared("get_many")
    set_many = _shared("set_many")
    delete_many = _shared("delete_many")
    clear = _shared("clear")
