"""What people drop into landing/platforms/<source>/: saved pages and exports.

The only part of the crawler that uses the loaders' readers: of folders and of tables.
"""

from scrapers.drops.folder import read_drops

__all__ = ["read_drops"]
