"""A firm brings its offerings as a table: upload, columns, check of every row, confirmation, only then the import."""
