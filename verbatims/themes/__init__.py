"""Emerging themes: what customers speak of that the taxonomy has no aspect for."""

from verbatims.themes.finding import Exemplar, Known, Theme, Unnamed, find_themes
from verbatims.themes.growth import Growth, growth
from verbatims.themes.tables import known_themes, theme_rows

__all__ = [
    "Exemplar",
    "Growth",
    "Known",
    "Theme",
    "Unnamed",
    "find_themes",
    "growth",
    "known_themes",
    "theme_rows",
]
