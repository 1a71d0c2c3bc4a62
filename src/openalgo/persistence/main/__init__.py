"""Users, their accounts and API keys, and settings."""
