"""HighLevel: dialects, credentials, limits, client."""
