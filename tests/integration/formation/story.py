"""What happened in a run that failed, for whoever looks into it: a folder of files, and the short of it on the screen."""

import json
import traceback


def attempt(ask):
    try:
        return ask()
    except Exception as error:  # the API server may be down, an agent gone
        return f"could not be had: {error!r}\n"


def pretty(value):
    return value if isinstance(value, str) else json.dumps(value, indent=1) + "\n"


def events_of(namespace):
    found = sorted(namespace.events(), key=lambda event: event.get("eventTime") or "")
    return "".join(f"{event.get('eventTime') or ''} {event['type']} {event['reason']} {event['regarding']['name']}: {event.get('note')}\n" for event in found)


def parts(run, error):
    """The files of a story: name -> text."""
    stateful_set = run.set
    yield "error.txt", "".join(traceback.format_exception(error))
    if not stateful_set:
        return
    yield "story.txt", stateful_set.story
    yield "leases.json", attempt(lambda: pretty(stateful_set.namespace.all_leases()))
    yield "events.txt", attempt(lambda: events_of(stateful_set.namespace))
    for ordinal, node in sorted(stateful_set.nodes.items()):
        yield f"{node.name}.broker.log", node.log
        yield f"{node.name}.conf.d.txt", attempt(lambda: "".join(f"---- {path.name}\n{path.read_text()}" for path in sorted(node.conf_dir.iterdir())))
        agent = stateful_set.agents.get(ordinal)
        if agent:
            yield f"{node.name}.agent.log", agent.log
            for path in ("/v1/status", "/v1/peers"):
                yield f"{node.name}{path.replace('/', '.')}.json", attempt(lambda: pretty(agent.get(path, limit=2).json))
            for path in ("/startupz", "/readyz?verbose", "/livez?verbose"):
                yield f"{node.name}{path.replace('/', '.').replace('?', '.')}.txt", attempt(lambda: agent.get(path, limit=2).text)


def tell(run, error, folder):
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in parts(run, error):
        (folder / name).write_text(text)
    print(f"{error}\n{run.set.story if run.set else ''}everything else: {folder}", flush=True)
