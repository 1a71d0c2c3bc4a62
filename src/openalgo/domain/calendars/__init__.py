"""The dated data of the market calendar: default sessions, and one file of days per year."""
