#!/bin/sh
# Prints the path of a Chromium that runs, or fails. CHROMIUM names one and no other.
[ -n "$CHROMIUM" ] && set -- "$CHROMIUM" || set -- chromium chromium-browser google-chrome google-chrome-stable
for name; do
  path=$(command -v "$name") || continue
  # The stub that Ubuntu has in place of its snap knows no version.
  "$path" --version >/dev/null 2>&1 || continue
  echo "$path"
  exit 0
done
exit 1
