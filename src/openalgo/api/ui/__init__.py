"""What the web app asks for: routes for a browser that is logged in."""
