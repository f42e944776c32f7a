"""Prints the milliseconds of processor time this Python takes for a little everyday work, the best of nine.

Builds of the same version differ by a third: those of Linux distributions are compiled with a profile of real work,
those compiled at home mostly not, and a build does not say of itself how it was made.
"""

import time


class Row:
    def __init__(self, number: int) -> None:
        self.number, self.name = number, str(number % 100)

    def key(self) -> str:
        return self.name


def work() -> float:
    started = time.process_time()
    counts: dict[str, int] = {}
    for number in range(12_000):
        row = Row(number)
        counts[row.key()] = counts.get(row.key(), 0) + len([one for one in (number, number + 1) if one % 2])
    return (time.process_time() - started) * 1000


if __name__ == "__main__":
    print(f"{min(work() for _ in range(9)):.3f}")
