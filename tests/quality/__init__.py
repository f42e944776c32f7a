"""How good search and matching are, measured on texts and questions nobody tuned the product to.

`make quality` runs it all; `python -m tests.quality --help` names the parts. What it taught stands in
docs/search-quality.md.
"""
