"""Stage: a checked batch into the hub, in one transaction with its cursor and ledger."""
