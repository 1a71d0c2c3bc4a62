"""The broker accounts of users."""
