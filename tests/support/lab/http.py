"""One HTTP exchange on a connection of its own, as kubelet's probes are made."""

import http.client
import json


class Answer:
    def __init__(self, status, headers, text):
        self.status, self.headers, self.text = status, headers, text

    @property
    def json(self):
        return json.loads(self.text)

    def __repr__(self):
        return f"<{self.status} {self.text.strip()[:400]!r}>"


def request(host, port, method, path, body=None, headers=None, tls=None, limit=5):
    """Raises OSError (refused, reset, no answer within `limit` seconds) when there is no answer."""
    connection = http.client.HTTPSConnection(host, port, timeout=limit, context=tls) if tls else \
        http.client.HTTPConnection(host, port, timeout=limit)
    headers = {"Connection": "close", **(headers or {})}
    if body is not None and not isinstance(body, (str, bytes)):
        body = json.dumps(body)
        headers.setdefault("Content-Type", "application/json")
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return Answer(answer.status, answer.headers, answer.read().decode(errors="replace"))
    except http.client.HTTPException as error:
        raise ConnectionError(f"{method} {path}: {error!r}") from error
    finally:
        connection.close()
