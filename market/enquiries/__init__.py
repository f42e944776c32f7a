"""Light questions to at most ten firms at once: a thread each, answered by a signed link without an account."""
