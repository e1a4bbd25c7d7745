"""The two screens that are there to stay: the browser, and a connection."""
