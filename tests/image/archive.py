"""An OCI archive, read as a registry's client would."""

import functools
import io
import json
import tarfile


class Archive:
    def __init__(self, path):
        self.path = path
        with tarfile.open(path) as outer:
            self.members = {member.name: outer.extractfile(member).read() for member in outer if member.isfile()}
        self.entry, = json.loads(self.members["index.json"])["manifests"]
        self.manifest = self.blob(self.entry)
        self.config = self.blob(self.manifest["config"])

    def blob(self, descriptor, parse=json.loads):
        return parse(self.members["blobs/" + descriptor["digest"].replace(":", "/")])

    @functools.cached_property
    def layers(self):
        return [self.blob(layer, lambda data: tarfile.open(fileobj=io.BytesIO(data))) for layer in self.manifest["layers"]]

    def files(self):
        """Every entry of every layer by its path."""
        return {member.name.removeprefix("./").rstrip("/"): member for layer in self.layers for member in layer}

    def unpack(self, folder):
        for layer in self.layers:
            layer.extractall(folder)
