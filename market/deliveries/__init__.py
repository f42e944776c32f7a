"""Who takes how much of a residual material: permits of recipients, deliveries agreed, what is left of both."""
