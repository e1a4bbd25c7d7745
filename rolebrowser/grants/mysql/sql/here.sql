-- Who reads, of what, and the variables that decide what grants mean.
SELECT CURRENT_USER(), VERSION()
