import dataclasses
import json
import os
import selectors
import signal
import socket
import subprocess
import time
from pathlib import Path

ENVIRONMENT = Path(__file__).parent / "environment.ts"

# https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html: "The Init phase is limited to 10 seconds."
INIT_SECONDS = 10


@dataclasses.dataclass(frozen=True)
class Report:
    """What became of an invocation."""

    # JSON: the function's result, or the error as Lambda words it.
    payload: str
    is_error: bool
    # What the function wrote since the last report.
    output: str
    process_lasts: bool


class NodeProcess:
    """A process of environment.ts. Both sides write lines of JSON into one socket; the process ends when it closes."""

    def __init__(self, code: Path, variables: dict[str, str], memory_megabytes: int) -> None:
        self._socket, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [
                    os.environ["FANFARE_NODE"],
                    f"--max-old-space-size={memory_megabytes}",
                    str(ENVIRONMENT),
                    str(theirs.fileno()),
                ],
                cwd=code,
                env={**variables, "LAMBDA_TASK_ROOT": str(code)},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                pass_fds=[theirs.fileno()],
                bufsize=0,
            )
        os.set_blocking(self._process.stdout.fileno(), False)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._socket, selectors.EVENT_READ)
        self._selector.register(self._process.stdout, selectors.EVENT_READ)
        self._received = b""
        self._output = b""
        self._initialised = False

    def run(self, request_id: str, function_arn: str, event: str, timeout_seconds: int) -> Report:
        """Waits for the process to be ready, if it is new, and then for the function. Never raises for what that does."""
        prefix = f"RequestId: {request_id} Error: "
        try:
            if not self._initialised:
                answer = self._next_answer(INIT_SECONDS)
                if answer["kind"] != "ready":
                    return self._report(answer)
                self._initialised = True
            deadline = int((time.time() + timeout_seconds) * 1000)
            self._send(
                {"requestId": request_id, "functionArn": function_arn, "event": event, "deadline": deadline},
                timeout_seconds,
            )
            return self._report(self._next_answer(timeout_seconds))
        except TimeoutError:
            seconds = timeout_seconds if self._initialised else INIT_SECONDS
            return self._failure("Sandbox.Timedout", f"{prefix}Task timed out after {seconds:.2f} seconds")
        except (EOFError, BrokenPipeError, ConnectionResetError):
            return self._failure("Runtime.ExitError", f"{prefix}{self._reason_of_exit()}")

    def end(self) -> None:
        """Kills the process, whatever it does. An invocation may be waiting for it in another thread: it gets an EOFError."""
        self._process.kill()
        self._process.wait()

    def _send(self, message: dict, seconds: float) -> None:
        self._socket.settimeout(seconds)
        self._socket.sendall(to_json(message).encode() + b"\n")

    def _next_answer(self, seconds: float) -> dict:
        """The next line of the process. Raises TimeoutError, or EOFError when the process has ended."""
        deadline = time.monotonic() + seconds
        while b"\n" not in self._received:
            ready = self._selector.select(max(0, deadline - time.monotonic()))
            if not ready:
                raise TimeoutError
            for key, _ in ready:
                if key.fileobj is self._socket:
                    self._receive()
                else:
                    self._take_output()
        line, _, self._received = self._received.partition(b"\n")
        return json.loads(line)

    def _receive(self) -> None:
        received = self._socket.recv(65536)
        if not received:
            raise EOFError
        self._received += received

    def _take_output(self) -> None:
        while chunk := self._process.stdout.read(65536):
            self._output += chunk
        if chunk == b"" and self._process.stdout in self._selector.get_map():
            self._selector.unregister(self._process.stdout)

    def _report(self, answer: dict) -> Report:
        if answer["kind"] == "result":
            return self._finished(answer["payload"], is_error=False, process_lasts=True)
        return self._finished(to_json(answer["error"]), is_error=True, process_lasts=answer["kind"] == "error")

    def _failure(self, error_type: str, message: str) -> Report:
        self.end()
        payload = to_json({"errorType": error_type, "errorMessage": message})
        return self._finished(payload, is_error=True, process_lasts=False, last_words=f"{message}\n")

    def _finished(self, payload: str, is_error: bool, process_lasts: bool, last_words: str = "") -> Report:
        # The process writes its output before its answer, so that all of it is in the pipe by now.
        self._take_output()
        output, self._output = self._output, b""
        return Report(payload, is_error, output.decode(errors="replace") + last_words, process_lasts)

    def _reason_of_exit(self) -> str:
        """In the words of Lambda's runtime interface."""
        status = self._process.wait()
        if status == 0:
            return "Runtime exited without providing a reason"
        if status > 0:
            return f"Runtime exited with error: exit status {status}"
        return f"Runtime exited with error: signal: {signal.strsignal(-status).lower()}"


def to_json(value: dict) -> str:
    return json.dumps(value, separators=(",", ":"))
