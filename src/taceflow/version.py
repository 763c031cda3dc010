"""The workflow's own version, in a file that no fit depends on: a release reruns nothing."""

VERSION = "0.1.0"
