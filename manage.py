#!/usr/bin/env python
"""Strongroom's command line: `manage.py help` lists the commands, README.md explains them."""

import os
import sys

from kb.errors import StrongroomError


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kb.settings")
    from django.core.management import execute_from_command_line

    try:
        execute_from_command_line(sys.argv)
    except StrongroomError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
