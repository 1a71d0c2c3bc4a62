"""The web app as browsers get it: its files, and a page in its place while there are none."""
