"""Files that hold other files: told by their first bytes, and opened by a confined child process."""
