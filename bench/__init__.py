"""Measurements of the crawler against replicas on loopback: `make bench`, docs/bench.md."""
