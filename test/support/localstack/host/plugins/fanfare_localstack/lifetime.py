import os
import signal
import sys
import threading

from localstack.runtime import hooks


@hooks.on_infra_start()
def end_with_the_run():
    """Ends LocalStack and the processes of its group when its standard input closes: with the run, however that ends."""
    threading.Thread(target=_wait_and_end, daemon=True).start()


def _wait_and_end():
    sys.stdin.buffer.read()
    os.killpg(0, signal.SIGKILL)
