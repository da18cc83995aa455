"""What the database itself refuses: changing or deleting a row of the ledger, except for its two transitions.

A later migration that makes the table anew on SQLite loses the triggers, and has to create them again.
"""

from collections.abc import Iterator

KNOWN_BEFORE = (
    'id', 'sequence', 'at', 'purpose', 'model', 'location', 'destination', 'decision', 'rule', 'sensitivity',
    'prompt_version', 'sent_sha256', 'sent_bytes', 'details_digest', 'seal_version', 'previous', 'digest',
)
DETAILS = ('person_id', 'subject', 'reason', 'chunks', 'pseudonyms', 'salt')
OUTCOME = (
    'outcome', 'finished_at', 'prompt_tokens', 'answer_tokens', 'cost_usd', 'failure', 'outcome_digest',
)
PRUNING = ('pruned_at', 'pruned_digest')

SAME = {'sqlite': 'IS', 'postgresql': 'IS NOT DISTINCT FROM'}
JSON = {'sqlite': '', 'postgresql': '::jsonb'}


def _unchanged(vendor: str, *columns: str) -> str:
    return ' AND '.join(f'NEW."{name}" {SAME[vendor]} OLD."{name}"' for name in columns)


def _finishes(vendor: str) -> str:
    return (
        "OLD.outcome = 'sending' AND NEW.outcome IN ('done', 'stopped', 'failed') AND "
        + _unchanged(vendor, *KNOWN_BEFORE, *DETAILS, *PRUNING)
    )


def _prunes(vendor: str) -> str:
    json = JSON[vendor]
    return (
        "OLD.outcome <> 'sending' AND OLD.seal_version > 1 AND OLD.pruned_at IS NULL AND NEW.pruned_at IS NOT NULL "
        "AND NEW.person_id IS NULL AND NEW.subject IS NULL AND NEW.reason = '' AND NEW.salt = '' "
        f"AND NEW.chunks = '[]'{json} AND NEW.pseudonyms = '{{}}'{json} AND "
        + _unchanged(vendor, *KNOWN_BEFORE, *OUTCOME)
    )


def _allowed(vendor: str) -> dict[str, str]:
    """By table, the updates that are not refused."""
    return {
        'kb_modelcall': f'({_finishes(vendor)}) OR ({_prunes(vendor)})',
        'kb_ledgerhead': 'NEW.id = OLD.id AND NEW."rows" = OLD."rows" + 1',
    }


REFUSAL = 'The ledger is append-only: this row can be neither changed nor deleted.'
FUNCTION = f"""
CREATE FUNCTION kb_ledger_refuses() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '{REFUSAL}'; END $$
"""


def creating(vendor: str) -> Iterator[str]:
    """The statements that put the triggers there."""
    if vendor == 'postgresql':
        yield FUNCTION
    for table, allowed in _allowed(vendor).items():
        if vendor == 'sqlite':
            refuse = f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
            yield f'CREATE TRIGGER {table}_kept BEFORE DELETE ON {table} {refuse}'
            yield f'CREATE TRIGGER {table}_unchanged BEFORE UPDATE ON {table} WHEN ({allowed}) IS NOT TRUE {refuse}'
        else:
            refuse = 'EXECUTE FUNCTION kb_ledger_refuses()'
            yield f'CREATE TRIGGER {table}_kept BEFORE DELETE ON {table} FOR EACH ROW {refuse}'
            yield f'CREATE TRIGGER {table}_whole BEFORE TRUNCATE ON {table} {refuse}'
            yield (
                f'CREATE TRIGGER {table}_unchanged BEFORE UPDATE ON {table} '
                f'FOR EACH ROW WHEN (({allowed}) IS NOT TRUE) {refuse}'
            )


def dropping(vendor: str) -> Iterator[str]:
    """The statements that take them away."""
    for table in _allowed(vendor):
        if vendor == 'sqlite':
            yield f'DROP TRIGGER IF EXISTS {table}_kept'
            yield f'DROP TRIGGER IF EXISTS {table}_unchanged'
        else:
            for name in ('kept', 'whole', 'unchanged'):
                yield f'DROP TRIGGER IF EXISTS {table}_{name} ON {table}'
    if vendor == 'postgresql':
        yield 'DROP FUNCTION IF EXISTS kb_ledger_refuses()'


def create(apps, schema_editor):
    for statement in creating(schema_editor.connection.vendor):
        schema_editor.execute(statement)


def drop(apps, schema_editor):
    for statement in dropping(schema_editor.connection.vendor):
        schema_editor.execute(statement)
