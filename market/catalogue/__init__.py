"""Home, search page, directory and profiles: reads across slices, writes nothing."""
