"""Projects: a partner's needs under one roof, by work packages."""
