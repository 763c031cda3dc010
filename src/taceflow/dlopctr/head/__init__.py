"""The trained part of the network: loss, settings, and many heads in one stack."""
