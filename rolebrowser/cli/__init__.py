"""The command line: parses, calls the core, prints. Nothing is decided here."""
