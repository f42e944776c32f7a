"""In and out: offerings and needs from files, and to files again (docs/interface.md)."""
