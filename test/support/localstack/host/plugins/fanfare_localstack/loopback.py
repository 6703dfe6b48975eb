import functools

from localstack.runtime import hooks
from twisted.internet import endpoints


@hooks.on_infra_start()
def listen_on_loopback_alone():
    """Makes LocalStack's server listen on 127.0.0.1: of GATEWAY_LISTEN it takes the port and, unless that is IPv6, no host.

    Source: localstack/runtime/server/twisted.py of 4.14.0. Runs before that opens its port.
    """
    endpoints.TCP4ServerEndpoint = functools.partial(endpoints.TCP4ServerEndpoint, interface="127.0.0.1")
