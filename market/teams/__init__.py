"""Teams: firms that want only a part of a need find the one whose part makes it whole."""
