"""Rules: what is to be done for which records, from YAML to functions; no code is ever run."""
