"""Look-ahead: work a partner plans, told early, and the capacity firms pledge to it."""
