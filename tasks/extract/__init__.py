"""Stage one: pages of a source stream into batches."""
