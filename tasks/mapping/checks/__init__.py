"""Step three: the mapping's checks, by Great Expectations, sort the good rows from the bad."""
