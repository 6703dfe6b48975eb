"""Runs Lambda functions for LocalStack as Node.js processes of this machine, where LocalStack by itself needs Docker."""

from localstack.services.lambda_.invocation.plugins import RuntimeExecutorPlugin


class NodeExecutorPlugin(RuntimeExecutorPlugin):
    """LAMBDA_RUNTIME_EXECUTOR=fanfare chooses it."""

    name = "fanfare"

    def load(self, *args, **kwargs):
        from .executor import NodeExecutor

        return NodeExecutor
