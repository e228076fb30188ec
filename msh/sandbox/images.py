"""Which image a name stands for now, by its content."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from docker import APIClient

SECONDS = 10


class Images:
    """The images of the Docker Engine that `DOCKER_HOST` names; it is asked when the first image is looked up."""

    def __init__(self) -> None:
        self._client: APIClient | None = None
        self._asked = False

    def close(self) -> None:
        """Hang up."""
        if self._client is not None:
            self._client.close()

    def pinned(self, name: str) -> str:
        """`name@sha256:…`, or `sha256:…` for an image that was never in a registry; "" when there is no saying."""
        if "@" in name:
            return name
        from docker.errors import APIError
        from requests.exceptions import RequestException

        client = self._engine()
        if client is None:
            return ""
        try:
            found = client.inspect_image(name)  # type: ignore[no-untyped-call] # the package has no types here
        except (APIError, RequestException):
            return ""
        digests = [digest.partition("@")[2] for digest in found.get("RepoDigests") or ()]
        return f"{_repository(name)}@{digests[0]}" if digests else str(found["Id"])

    def _engine(self) -> APIClient | None:
        host = os.environ.get("DOCKER_HOST") or "unix:///var/run/docker.sock"
        if not self._asked and _listens(host):
            import docker
            from docker.errors import DockerException

            try:
                self._client = docker.APIClient(host, version="auto", timeout=SECONDS)
            except DockerException:
                self._client = None
        self._asked = True
        return self._client


def _listens(host: str) -> bool:
    """Whether there is somebody at a socket of this host; the client would leave its own end open. Others are asked."""
    if not host.startswith("unix://"):
        return True
    from socket import AF_UNIX, socket

    with socket(AF_UNIX) as end:
        return end.connect_ex(host.removeprefix("unix://")) == 0


def _repository(name: str) -> str:
    """The name without its tag; a colon before the last slash is the host's port."""
    path, slash, last = name.rpartition("/")
    return path + slash + last.partition(":")[0]
