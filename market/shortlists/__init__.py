"""What a buyer keeps: named lists with notes, shared inside the organisation; before sign-in a signed cookie."""
