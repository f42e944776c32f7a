"""A backup as a folder: rows of every table as lines of JSON, the files of the store, and a list of both with hashes.

It belongs to neither database: what SQLite wrote PostgreSQL takes, so this is also the way from one to the other. The
secrets are not in it (docs/operations.md). `manifest.json` is written last; without it a backup is not whole.

    manifest.json               {"format", "made_at", "revision", "tables": {name: {"rows", "sha256"}},
                                 "files": {key: sha256}, "missing": [key]}
    tables/NAME.jsonl.gz        {"column": value} a line; moments and days by ISO 8601, bytes in base64
    files/KEY                   as they lie in the store: sealed bids stay sealed
"""
