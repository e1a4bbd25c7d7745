"""The terminal UI: draws, and asks the core in daemon threads (`background`).

The only package that may import textual and rich. What a screen says is worked out in `rows/`,
which is pure; what may be done stands in `actions`, from which keys, palette and help come.
"""
