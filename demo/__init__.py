"""A deterministic demo company, its platforms' replicas, and the truths planted in its data."""
