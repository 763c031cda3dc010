"""Imaging: from files of a hospital to volumes, pictures and patches."""
