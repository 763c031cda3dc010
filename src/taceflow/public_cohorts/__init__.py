"""Public cohorts: what is fetched from where, and how it becomes the tables of a study."""
