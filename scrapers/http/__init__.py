"""One polite HTTP client: robots, rate per host, retries, request outcomes, exact-byte archive."""
