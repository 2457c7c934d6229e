"""The night: Dagster's assets and jobs, releases, and the `voc` command. No parsing, no SQL models."""
