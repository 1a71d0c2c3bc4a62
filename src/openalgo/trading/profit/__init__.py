"""What accounts make in a day: sampled each second, drawn by the minute, kept."""
