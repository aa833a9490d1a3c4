"""The hub database: tables, migrations, upsert, ledger, budget."""
