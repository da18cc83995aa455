#!/usr/bin/env python
"""Strongroom's command line: `manage.py help` lists the commands, README.md explains them."""

import os
import sys

from kb.errors import StrongroomError

NOT_READY = (
    "The database is not set up, or cannot be reached: {error}. Run `make up`, or `manage.py migrate` first."
)
INTERRUPTED = 130
"""What a shell expects of a command that Ctrl-C ended."""


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kb.settings")
    from django.core.management import execute_from_command_line
    from django.db import OperationalError, ProgrammingError

    try:
        execute_from_command_line(sys.argv)
    except StrongroomError as error:
        sys.exit(str(error))
    except (OperationalError, ProgrammingError) as error:
        sys.exit(NOT_READY.format(error=str(error).strip().splitlines()[0]))
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


if __name__ == "__main__":
    main()
