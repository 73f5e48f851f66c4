"""A client that publishes with confirms, and afterwards asks for all that was confirmed."""

import collections
import threading
import time

import pika
import pika.exceptions

from .waiting import wait_until

# A quorum queue with a replica on each member that there is when it is declared, and a durable classic queue on one of them.
QUORUM, CLASSIC = "proof-quorum", "proof-classic"
QUEUES = (QUORUM, CLASSIC)
PAUSE = 0.02  # seconds between two messages
# Seconds after which a queue is sure to outlive the death of all brokers at once: until its name is in a DETS table on the disk, which saves
# itself after 500 ms (ra_directory), brokers begin it anew and empty, whatever they have confirmed (seen on 4.3).
SETTLED = 2
TROUBLES = (pika.exceptions.AMQPError, OSError)


def connect(address, patience=5):
    """`patience`: for how many seconds an answer is waited for."""
    return pika.BlockingConnection(pika.ConnectionParameters(
        address, 5672, socket_timeout=2, stack_timeout=patience, blocked_connection_timeout=patience, heartbeat=10, connection_attempts=1))


class Publisher:
    """Publishes to both queues, of one ready pod after the other, in a thread of its own until `stop`. Like a client of a Service it comes
    to pods that are ready only. `confirmed` has the bodies that the brokers have confirmed, by queue.
    """

    def __init__(self, stateful_set, pause=PAUSE):
        self.set, self.pause = stateful_set, pause
        self.confirmed = collections.defaultdict(list)
        self.declared = {}  # queue -> when
        self.home = None  # the address of the node that the classic queue is on
        self.number = self.turn = 0
        self.trouble = ""
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True, name="publisher")
        self.thread.start()

    def run(self):
        while not self.stopping.is_set():
            ready = [pod.node.address for pod in self.set.running.values() if pod.ready]
            if ready:
                self.turn += 1
                self.publish_to(ready[self.turn % len(ready)])
            self.stopping.wait(0.1)

    def publish_to(self, address):
        try:
            connection = connect(address)
            channel = connection.channel()
            channel.confirm_delivery()
            self.declare(channel, address)
            while not self.stopping.is_set():
                self.number += 1
                for queue in QUEUES:
                    body = f"{queue} {self.number}"
                    try:
                        channel.basic_publish("", queue, body, pika.BasicProperties(delivery_mode=2), mandatory=True)
                        self.confirmed[queue].append(body)
                    except (pika.exceptions.UnroutableError, pika.exceptions.NackError) as error:
                        self.trouble = f"{queue}: {error!r}"  # the classic queue's node is away
                self.stopping.wait(self.pause)
            connection.close()
        except TROUBLES as error:
            self.trouble = f"{address}: {error!r}"

    def declare(self, channel, address):
        if QUORUM not in self.declared:
            channel.queue_declare(QUORUM, durable=True, arguments={"x-queue-type": "quorum", "x-quorum-initial-group-size": self.set.size})
            self.declared[QUORUM] = time.monotonic()
        if CLASSIC not in self.declared:
            channel.queue_declare(CLASSIC, durable=True, arguments={"x-queue-type": "classic"})
            self.declared[CLASSIC] = time.monotonic()
            self.home = address

    def wait_for(self, count, limit=30):
        """Until `count` more messages were confirmed in the quorum queue, and it is there to stay."""
        wanted = len(self.confirmed[QUORUM]) + count

        def there():
            return len(self.confirmed[QUORUM]) >= wanted and time.monotonic() - max(self.declared.values()) > SETTLED
        wait_until(there, limit, lambda: f"confirmed messages; last trouble: {self.trouble}")
        return self

    def stop(self):
        self.stopping.set()
        self.thread.join(30)


def fetch(address, queue, wanted, patience=5):
    """Reads a queue until all of `wanted` was in it or nothing has come for `patience` seconds; returns those of `wanted` that were not.

    Nothing is taken out of the queue.
    """
    left, connection = set(wanted), connect(address)
    try:
        for _, _, body in connection.channel().consume(queue, inactivity_timeout=patience):
            if body is None:
                break
            left.discard(body.decode())
            if not left:
                break
        return sorted(left)
    finally:
        if connection.is_open:
            connection.close()


def missing(publisher, queue, address, limit=60):
    """The confirmed messages that are not in the queue any more, as the node at `address` has it: looked for again until `limit`, for a queue
    may be on its way back. One that cannot be read at all raises TimeoutError.
    """
    deadline, left = time.monotonic() + limit, None
    while True:
        try:
            left = fetch(address, queue, publisher.confirmed[queue])
            trouble = None
        except TROUBLES as error:
            trouble = error
        if left == [] or time.monotonic() > deadline:
            if left is None:
                raise TimeoutError(f"{queue} at {address}: {trouble!r}")
            return left
        time.sleep(0.5)
