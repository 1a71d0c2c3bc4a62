"""Orders that wait for the account's owner: queued, decided on, carried out, followed."""
