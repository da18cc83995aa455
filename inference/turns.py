"""Turns of questions in one process, so that many at once leave its pages time to run."""

from threading import BoundedSemaphore

AT_ONCE = 2
"""Questions that are looked up at the same time. One thread of Python runs at a time: more would answer none sooner,
and hold the database longer."""

turn = BoundedSemaphore(AT_ONCE)
