"""How pleased a text sounds: a score, how sure that is, and the words that decided it."""
