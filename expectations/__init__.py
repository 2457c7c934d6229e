"""The quality gate over core and marts, and the audit report: suites, their runner, one page.

`config` reads the suites without importing Great Expectations (4 s), `runner` runs them on the
build file, `report` writes the page that auditors read. Keys and business rules are dbt's tests;
here live distributions, volumes and drift.
"""
