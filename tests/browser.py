"""A real headless Chromium, driven through its debugging pipe: no network, no extra library."""

from __future__ import annotations

import contextlib
import json
import os
import select
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SECONDS = 60
"""Longest silence of the browser before a test gives up."""
CONNECT = """
import os, sys
ends = [os.dup(int(end)) for end in sys.argv[1:3]]
ends = [os.dup(end) if end in (3, 4) else end for end in ends]
os.dup2(ends[0], 3)
os.dup2(ends[1], 4)
os.execv(sys.argv[3], sys.argv[3:])
"""
"""Becomes the browser, which reads from 3 and writes to 4."""


def executable() -> str | None:
    """Return where a Chromium is: named by FORECAST_CHROMIUM, or on the path."""
    named = os.environ.get("FORECAST_CHROMIUM")
    return named or next((found for name in NAMES if (found := shutil.which(name))), None)


class Page:
    """One tab; `messages` holds what its console said and which errors were thrown."""

    def __init__(self, to_browser: int, from_browser: BinaryIO) -> None:
        self._write, self._read = to_browser, from_browser
        self._number, self._rest = 0, b""
        self._session: str | None = None
        self.messages: list[str] = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        found = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = found["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Call a method of the DevTools protocol and return its result."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == self._number:
                assert "error" not in answer, answer
                return answer["result"]

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            ready, *_ = select.select([self._read], [], [], SECONDS)
            assert ready, f"the browser said nothing for {SECONDS} s"
            part = os.read(self._read.fileno(), 1 << 20)
            assert part, "the browser has gone"
            self._rest += part
        whole, self._rest = self._rest.split(b"\0", 1)
        event = json.loads(whole)
        details = event.get("params", {})
        if event.get("method") in ("Runtime.consoleAPICalled", "Runtime.exceptionThrown"):
            self.messages.append(json.dumps(details)[:500])
        if event.get("method") == "Log.entryAdded":
            self.messages.append(details["entry"]["text"])
        return event

    def open(self, address: str) -> None:
        """Load a page and wait until it is there."""
        self.call("Page.navigate", url="about:blank")
        self.messages.clear()
        self.call("Page.navigate", url=address)
        while self.evaluate("document.readyState + location.protocol") != "completefile:":
            pass

    def evaluate(self, script: str) -> Any:
        """Return the value of an expression in the page."""
        result = self.call("Runtime.evaluate", expression=script, returnByValue=True)
        assert "exceptionDetails" not in result, result["exceptionDetails"]
        return result["result"].get("value")


@contextlib.contextmanager
def started(profile: Path) -> Iterator[Page]:
    """Yield a page of a browser that keeps everything in the folder `profile`."""
    command = [executable() or "", "--headless=new", "--no-sandbox", "--disable-gpu"]
    command += ["--no-first-run", "--disable-background-networking", "--disable-dev-shm-usage"]
    command += [f"--user-data-dir={profile}", "--remote-debugging-pipe"]
    ours, theirs = os.pipe(), os.pipe()
    ends = (ours[0], theirs[1])
    process = subprocess.Popen(
        [sys.executable, "-c", CONNECT, *map(str, ends), *command],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        pass_fds=ends,
    )
    os.close(ours[0])
    os.close(theirs[1])
    try:
        with os.fdopen(theirs[0], "rb") as answers:
            yield Page(ours[1], answers)
    finally:
        process.terminate()
        process.wait(SECONDS)
        os.close(ours[1])
