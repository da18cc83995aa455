"""The measuring itself: `manage.py bench` runs it in a data folder that was made for it."""

import argparse
import sys
from pathlib import Path

import django
from django.conf import settings


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m kb.management.bench")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--import", type=Path, dest="folder")
    parser.add_argument("--kills", type=int, default=0)
    options = parser.parse_args()
    django.setup()
    # They need the applications that were just set up.
    from kb.exchange import as_json
    from kb.management.bench.importing import imported_table, measure_import
    from kb.management.bench.measuring import QUICK, THOROUGH, measure
    from kb.management.bench.report import table
    from kb.management.scratch import MARK

    if not (settings.VAR / MARK).exists():
        sys.exit("This fills its data folder with made-up documents. Run `manage.py bench`, which makes one.")
    if options.folder:
        imported = measure_import(options.folder, kills=options.kills)
        printed = as_json(imported) if options.json else "\n".join(imported_table(imported))
    else:
        report = measure(QUICK if options.quick else THOROUGH)
        printed = as_json(report) if options.json else "\n".join(table(report))
    sys.stdout.write(printed)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
