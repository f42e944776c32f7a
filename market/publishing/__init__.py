"""How firms publish: the wizard, their list, what the operator looks at, and the monthly "still true?"."""
