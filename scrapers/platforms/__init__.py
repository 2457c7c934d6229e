"""One folder per platform: source.yml (declaration), parser.py (pure), strategy.py, README.md."""
