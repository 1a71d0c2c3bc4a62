"""The wire: names, types and examples of requests and replies."""
