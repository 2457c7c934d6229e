"""Emerging themes: what customers speak of that the taxonomy has no aspect for."""

from verbatims.themes.finding import Exemplar, Known, Theme, Unnamed, find_themes
from verbatims.themes.growth import Growth, growth
from verbatims.themes.tables import THEME_TEXTS, THEMES, known_themes, texts_table, themes_table

__all__ = [
    "THEMES",
    "THEME_TEXTS",
    "Exemplar",
    "Growth",
    "Known",
    "Theme",
    "Unnamed",
    "find_themes",
    "growth",
    "known_themes",
    "texts_table",
    "themes_table",
]
