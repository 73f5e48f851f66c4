"""What the demo prints: numbered steps, facts, and a mark for each promise kept or broken. Colours on a terminal only."""

import os
import sys

COLOURS = sys.stdout.isatty() and "NO_COLOR" not in os.environ
BOLD, GREEN, RED, DIM = "1", "32", "31", "2"


def paint(text, code):
    return f"\033[{code}m{text}\033[0m" if COLOURS else str(text)


class Screen:
    def __init__(self):
        self.step_number = 0
        self.kept, self.broken = 0, []

    def step(self, title):
        self.step_number += 1
        print(f"\n{paint(f'{self.step_number}. {title}', BOLD)}", flush=True)

    def say(self, text):
        print(f"   {text}", flush=True)

    def quote(self, text):
        for line in text.strip().splitlines():
            print(paint(f"     | {line}", DIM), flush=True)

    def promise(self, kept, text):
        """One thing the demo set out to show; a broken one makes the demo fail at its end."""
        if kept:
            self.kept += 1
        else:
            self.broken.append(text)
        print(f"   {paint('ok', GREEN) if kept else paint('NOT SO', RED)}  {text}", flush=True)

    def table(self, head, rows):
        widths = [max(len(str(row[i])) for row in [head, *rows]) for i in range(len(head))]
        for row in [head, *rows]:
            cells = [f"{cell!s:{width}}" for cell, width in zip(row, widths)]
            print("   " + "  ".join(paint(c, GREEN if c.strip() == "200" else RED if c.strip() == "503" else DIM if row is head else "0")
                                    for c in cells).rstrip(), flush=True)
