"""The study as a whole: its plan, its size, what it leaves, and when a step is done again."""
