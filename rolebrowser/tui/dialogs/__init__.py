"""Modal screens: small questions, a code, a text; and the core's questions put as dialogs."""
