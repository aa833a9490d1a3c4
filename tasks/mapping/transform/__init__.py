"""Step two: a mapping turns the vendor's records into rows of a target stream."""
