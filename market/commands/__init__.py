"""The verbs of the command line. Each module has `arguments(parser)` and `run(settings, given) -> exit code`."""
