"""One folder per platform: source.yml (declaration), README.md, and parser.py (pure) if need be."""
