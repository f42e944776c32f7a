"""The tasks of the list in which a need is drafted: each shows what there is and saves what was typed."""
