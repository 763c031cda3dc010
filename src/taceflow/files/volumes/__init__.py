"""Image files of any kind, read slice by slice, and the volumes that the run itself writes."""
