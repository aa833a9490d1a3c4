"""The mapping language, its transforms and its checks."""
