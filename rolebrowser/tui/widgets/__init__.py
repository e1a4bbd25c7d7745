"""Widgets that know nothing of AWS or SQL: lists, grids, trees, an editor, bars."""
