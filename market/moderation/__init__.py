"""The operator's decisions on firms, and where the operator begins the day."""
