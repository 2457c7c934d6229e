"""The lake: what both collectors (scrapers, loaders) write, and nothing else.

The record envelope, the typed entities, the landing of one source's night (records, quarantine,
request outcomes), personal-data protection, and the reading of YAML configuration. Knows neither
networks nor file formats, neither Dagster nor dbt.
"""
