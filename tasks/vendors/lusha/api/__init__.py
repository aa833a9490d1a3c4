"""Lusha's operations, typed: each says what it may cost, and whether it may be asked again."""
