"""Every operation of a vendor by name, for what no automation does."""
