"""Get inside: an open database connection, what may be said on it, and what comes back.

Knows neither AWS nor profiles: it takes host, address, user, TLS and where the password comes from.
What it reads and writes is text and rows; drawing them is `rolebrowser.tui`'s.
"""
