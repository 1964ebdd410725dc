"""A terminal whose screen can be read: what a program writes to a pty, as a person would see it."""

import fcntl
import os
import pty
import re
import struct
import termios
import threading

TOKEN = re.compile(r"\x1b\[([0-9;?]*)([A-Za-z])|([\r\n])|([^\x1b\r\n]+)|(\x1b)")


class Screen:
    """Knows the few controls that a plain block needs; any other is an error."""

    def __init__(self, columns):
        self.columns = columns
        self.lines = [""]
        self.row = self.column = 0
        self.colours = set()
        self.highest = 0  # how many lines there ever were, blank ones left out

    def feed(self, text):
        for number, control, motion, plain, escape in TOKEN.findall(text):
            if escape:
                raise AssertionError(f"an escape sequence that is none: {text!r}")
            if control:
                self._control(number, control)
            elif motion == "\r":
                self.column = 0
            elif motion == "\n":
                self._down()
            else:
                self._write(plain)
        self.highest = max(self.highest, len(self.text()))

    def text(self):
        """The lines that are not blank."""
        return [line.rstrip() for line in self.lines if line.strip()]

    def _down(self):
        self.row += 1
        if self.row == len(self.lines):
            self.lines.append("")

    def _write(self, plain):
        for letter in plain:
            if self.column == self.columns:
                self.column = 0
                self._down()
            line = self.lines[self.row].ljust(self.column)
            self.lines[self.row] = line[:self.column] + letter + line[self.column + 1:]
            self.column += 1

    def _control(self, number, control):
        if control == "A":
            assert int(number) <= self.row, "above the block"
            self.row -= int(number)
        elif control == "K":
            self.lines[self.row] = self.lines[self.row][:self.column]
        elif control == "J":
            self.lines[self.row] = self.lines[self.row][:self.column]
            del self.lines[self.row + 1:]
        elif control == "m":
            self.colours.add(number)
        else:
            raise AssertionError(f"unknown control {number}{control}")


class Terminal:
    """A pty; `end` is what a program gets as its stderr. Reads all until it is closed."""

    def __init__(self, columns=100, rows=30):
        self.master, self.end = pty.openpty()
        self.screen = Screen(columns)
        self.resize(columns, rows)
        self.raw = ""
        self.shown = []  # the screen after every drawing
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def resize(self, columns, rows=30):
        fcntl.ioctl(self.end, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def close(self):
        """What was written is read to its end."""
        os.close(self.end)
        self._reader.join(timeout=20)
        os.close(self.master)

    def _read(self):
        while True:
            try:
                data = os.read(self.master, 65536)
            except OSError:  # the last end was closed
                return
            if not data:
                return
            text = data.decode()
            self.raw += text
            self.screen.feed(text)
            self.shown.append(self.screen.text())
