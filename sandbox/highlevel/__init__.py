"""HighLevel: sub-accounts of one agency behind its gateway."""
