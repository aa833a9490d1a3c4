"""Lusha: one account behind its V3 API, with people and companies made from HighLevel's seed."""
