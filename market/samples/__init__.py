"""Laboratory tests as orders: a firm sends samples, the laboratory says by when, the report goes to the buyer alone."""
