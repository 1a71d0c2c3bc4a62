"""From what a caller wants (an intent) to what a venue did."""
