"""The network -> records: polite fetching, judging, archiving and parsing of public sources.

Knows nothing of Dagster, dbt or the warehouse. `config` reads sources.yml, `registry` finds the
platforms by their folders, `crawl` runs one source's night, `parsing` is what parsers hand back.
"""
