"""What a row of each column says, as pure functions of data and time."""
