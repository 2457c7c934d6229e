"""The night: Dagster's assets and jobs, releases, the `voc` command. No parsing, no SQL."""
