"""The browser's three columns: each fills itself from the app's holdings, when told to."""
