"""The operator's own pages beside the queues: providers, organisations, journal, health, searches."""
