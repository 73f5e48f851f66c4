"""One real broker to try things on, until Ctrl-C:  PYTHONPATH=tests/support python3 -m lab [4.3|4.0|3.10]"""

import signal
import sys

from . import Lab

with Lab() as lab:
    broker = lab.broker(version=sys.argv[1] if len(sys.argv) > 1 else None, plugins=["rabbitmq_management"]).start()
    print(f"{broker.nodename} {broker.version} at {broker.address} and {broker.address6}, cookie {broker.cookie_file.read_text()}")
    print(f"inside its network: nsenter --target {broker.first} --net COMMAND")
    print(f"its files: {broker.dir}/etc {broker.dir}/data {broker.dir}/log; Ctrl-C ends it")
    try:
        signal.pause()
    except KeyboardInterrupt:
        print("clearing")
