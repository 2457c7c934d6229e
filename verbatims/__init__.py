"""What customers write: from a text to its language, sentiment, aspects, flags and themes.

Pure of warehouse, network and clock: a text goes in, frozen results come out. Knows `lake` only.
"""
