"""The declarative part: one YAML file per mapping, shipped with the package."""
