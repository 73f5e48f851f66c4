"""Looking at processes through /proc and ending them."""

import ctypes
import os
import pathlib
import signal

from .waiting import wait_until

LIBC = ctypes.CDLL(None)


def stat(pid):
    """The fields of /proc/PID/stat from the state on (field 3 is at index 0), or None if it is gone."""
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except (FileNotFoundError, ProcessLookupError):
        return None


def started(pid):
    """When a process began: with its id this names it for good. None if it is gone."""
    fields = stat(pid)
    return fields and fields[19]


def alive(pid):
    fields = stat(pid)
    return fields is not None and fields[0] not in "ZX"


def name(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/comm").read_text().strip()
    except (FileNotFoundError, ProcessLookupError):
        return ""


def command_line(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return ""


def all_processes():
    return [int(entry) for entry in os.listdir("/proc") if entry.isdigit()]


def children(pid):
    return [p for p in all_processes() if (fields := stat(p)) and int(fields[1]) == pid]


def descendants(pid):
    found = []
    for child in children(pid):
        found += [child, *descendants(child)]
    return found


def in_namespace(kind, of):
    """All live processes in the same namespace (`net`, `pid`, `mnt`) as process `of`."""
    def identity(pid):
        try:
            return os.readlink(f"/proc/{pid}/ns/{kind}")
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            return None
    wanted = identity(of)
    return [pid for pid in all_processes() if wanted and identity(pid) == wanted and alive(pid)]


def cpu_seconds(pid):
    """CPU time of a process with all its ended children, in seconds, to the nanosecond for what still runs."""
    fields = stat(pid)
    if fields is None:
        raise ProcessLookupError(f"process {pid} has ended")
    own = 0
    for task in os.listdir(f"/proc/{pid}/task"):
        own += int(pathlib.Path(f"/proc/{pid}/task/{task}/schedstat").read_text().split()[0])
    ended = (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")
    return own / 1e9 + ended


def proportional_memory(pid):
    """PSS in bytes: shared pages are counted by their share."""
    for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    raise LookupError(f"process {pid}: no Pss")


def resident_memory(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise LookupError(f"process {pid}: no VmRSS")


def send(pid, number):
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return False
    return True


def end(pids, limit=5):
    """SIGKILL, and waits until they are gone."""
    for pid in pids:
        send(pid, signal.SIGKILL)
    wait_until(lambda: not any(alive(pid) for pid in pids), limit, f"end of processes {pids}")


def end_with_parent():
    """For preexec_fn: the kernel ends this child when the thread that started it ends, however that ends."""
    LIBC.prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
