"""Words: of messages, and of what is printed."""
