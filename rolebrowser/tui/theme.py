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
    error="#ff8396",
    foreground="#d5dcf0",
    background="#12141d",
    surface="#181b27",
    panel="#232839",
    dark=True,
    variables={
        "text-muted": "#a3acc8",
        "text-disabled": "#949cb5",
        "border": "#39415c",
        "border-blurred": "#2b3147",
        "footer-key-foreground": "#e0af68",
        "footer-description-foreground": "#a3acc8",
        "footer-background": "#181b27",
        "block-cursor-background": "#293968",
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
    secondary="#0c6480",
    accent="#7a5000",
    success="#236b23",
    warning="#8f4700",
    error="#b3203f",
    foreground="#1d2333",
    background="#f7f7fa",
    surface="#ffffff",
    panel="#e7e9f1",
    dark=False,
    variables={
        "text-muted": "#565d72",
        "text-disabled": "#565d72",
        "border": "#b9bfd2",
        "border-blurred": "#d5d9e6",
        "footer-key-foreground": "#7a5000",
        "footer-description-foreground": "#4a5270",
        "footer-background": "#e7e9f1",
        "block-cursor-background": "#d9e4fb",
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
