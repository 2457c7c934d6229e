"""Dropped files -> lake records: survey exports (one reader per format) and company extracts.

Knows files and their faults, and the lake it lands in; neither Dagster nor dbt nor networks.
"""
