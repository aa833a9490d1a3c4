"""Planning: find each record's counterpart, compare field by field, say what is to happen and why."""
