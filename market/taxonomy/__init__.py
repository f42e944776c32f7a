"""What things are called and coded: trades, certificate types, CPV and waste codes, places. Read by all, owned by none."""
