"""Takes the download addresses out of a package-lock.json; the hashes stay and say what is right."""

import json
import sys
from pathlib import Path


def main(name: str) -> None:
    path = Path(name)
    lock = json.loads(path.read_text())
    for package in lock["packages"].values():
        package.pop("resolved", None)
    path.write_text(json.dumps(lock, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
