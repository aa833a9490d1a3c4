"""HighLevel's credentials: private tokens, OAuth, what the hub stores."""
