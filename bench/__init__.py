"""What the README claims about speed and memory, runnable: `make bench`."""
