"""rolebrowser's two themes; any Textual theme may be chosen instead."""

from __future__ import annotations

from textual.theme import Theme

DARK = Theme(
    name="rolebrowser-dark",
    primary="#7aa2f7",
    secondary="#7dcfff",
    accent="#e0af68",
    success="#8fc97a",
    warning="#e8a24f",
    error="#f7768e",
    foreground="#d5dcf0",
    background="#12141d",
    surface="#181b27",
    panel="#232839",
    dark=True,
    variables={
        "border": "#39415c",
        "border-blurred": "#2b3147",
        "footer-key-foreground": "#e0af68",
        "footer-description-foreground": "#a3acc8",
        "footer-background": "#181b27",
        "block-cursor-background": "#33467c",
        "block-cursor-foreground": "#ffffff",
        "block-cursor-text-style": "bold",
        "block-cursor-blurred-background": "#262c40",
        "input-selection-background": "#33467c",
        "scrollbar": "#39415c",
        "scrollbar-background": "#181b27",
        "scrollbar-corner-color": "#181b27",
    },
)

LIGHT = Theme(
    name="rolebrowser-light",
    primary="#2a55b8",
    secondary="#0f6f8c",
    accent="#8a5a00",
    success="#2b7a2b",
    warning="#a35200",
    error="#b3203f",
    foreground="#1d2333",
    background="#f7f7fa",
    surface="#ffffff",
    panel="#e7e9f1",
    dark=False,
    variables={
        "border": "#b9bfd2",
        "border-blurred": "#d5d9e6",
        "footer-key-foreground": "#8a5a00",
        "footer-description-foreground": "#4a5270",
        "footer-background": "#e7e9f1",
        "block-cursor-background": "#c9d7f8",
        "block-cursor-foreground": "#10141f",
        "block-cursor-text-style": "bold",
        "block-cursor-blurred-background": "#e3e8f5",
        "input-selection-background": "#c9d7f8",
        "scrollbar": "#b9bfd2",
        "scrollbar-background": "#f0f1f6",
        "scrollbar-corner-color": "#f0f1f6",
    },
)

THEMES = (DARK, LIGHT)
