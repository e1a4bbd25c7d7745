-- Who reads, of what, and with which roles active.
SELECT CURRENT_USER(), VERSION(), CURRENT_ROLE()
