"""The firm's desk: what its entries are looked at and asked for, and which needs fit them."""
