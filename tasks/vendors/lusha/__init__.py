"""Lusha: people and companies, found by a search and revealed for credits (API V3)."""
