"""Leaves that everything stands on: errors, what travels, settings."""
