"""The importable part of the taceflow workflow: everything worth a test."""
