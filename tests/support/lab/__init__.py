from . import objects, processes
from .lab import Lab, NAMESPACE, SERVICE, why_not
from .rootfs import SUITES, newest
from .stateful_set import StatefulSet
from .waiting import NotInTime, milliseconds_until, stays, wait_until

__all__ = ["Lab", "NAMESPACE", "NotInTime", "SERVICE", "SUITES", "StatefulSet", "milliseconds_until", "newest", "objects", "processes", "stays", "wait_until", "why_not"]
