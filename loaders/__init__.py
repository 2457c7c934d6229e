"""Dropped files and databases -> lake records: survey exports and company extracts.

Knows files and their faults, and the lake it lands in; neither Dagster nor dbt, and no network but
the way to the databases that the config names.
"""
