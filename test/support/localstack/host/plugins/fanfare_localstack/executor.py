import os
import time

from localstack import config
from localstack.services.lambda_.invocation.lambda_models import FunctionVersion, InvocationResult
from localstack.services.lambda_.invocation.runtime_executor import RuntimeExecutor

from .node_process import NodeProcess

HOST = "127.0.0.1"

# Services that LocalStack does not have, and who plays them: AWS_ENDPOINT_URL_SESV2 and the like.
ENDPOINTS = {name: value for name, value in os.environ.items() if name.startswith("AWS_ENDPOINT_URL_")}


class NodeExecutor(RuntimeExecutor):
    """One execution environment of a function. LocalStack gives it one invocation at a time.

    A process that timed out, exited or crashed is replaced on the next invocation, as Lambda resets an environment.
    """

    def __init__(self, id: str, function_version: FunctionVersion) -> None:
        super().__init__(id=id, function_version=function_version)
        self._variables: dict[str, str] = {}
        self._process: NodeProcess | None = None

    @classmethod
    def prepare_version(cls, function_version: FunctionVersion) -> None:
        function_version.config.code.prepare_for_execution()

    @classmethod
    def cleanup_version(cls, function_version: FunctionVersion) -> None:
        """Nothing was prepared but the unpacked code, which LocalStack deletes itself."""

    def start(self, env_vars: dict[str, str]) -> None:
        """Only takes the variables: the first invocation starts the process, and so reports how that went."""
        self._variables = {name: str(value) for name, value in env_vars.items()}

    def stop(self) -> None:
        process, self._process = self._process, None
        if process:
            process.end()

    def invoke(self, payload: dict[str, str]) -> InvocationResult:
        function = self.function_version.config
        request_id = payload["invoke-id"]
        started = time.monotonic()
        if self._process is None:
            code = function.code.get_unzipped_code_location()
            self._process = NodeProcess(code, {**self._variables, **ENDPOINTS}, function.memory_size)
        process = self._process
        report = process.run(request_id, payload["invoked-function-arn"], payload["payload"], function.timeout)
        if not report.process_lasts:
            self.stop()
        milliseconds = (time.monotonic() - started) * 1000
        logs = (
            f"START RequestId: {request_id} Version: {self.function_version.id.qualifier}\n"
            f"{report.output}"
            f"END RequestId: {request_id}\n"
            f"REPORT RequestId: {request_id}\tDuration: {milliseconds:.2f} ms\tMemory Size: {function.memory_size} MB\n"
        )
        return InvocationResult(request_id, report.payload.encode(), report.is_error, logs)

    def get_address(self) -> str:
        return HOST

    def get_endpoint_from_executor(self) -> str:
        return HOST

    def get_runtime_endpoint(self) -> str:
        """LocalStack only hands it to the process, which needs none: it talks over its socket."""
        return f"http://{HOST}:{config.GATEWAY_LISTEN[0].port}"

    def get_logs(self) -> str:
        """All output goes into the logs of invocations."""
        return ""
