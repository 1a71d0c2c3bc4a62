"""The paper exchange as its owner sets it up and looks back on it."""
