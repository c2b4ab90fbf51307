"""An S3 server on the loopback: moto's, in a process of its own."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import boto3

from tests.services import wait_until

BUCKET = "portal-files"


@contextmanager
def s3(folder: Path) -> Iterator[dict[str, str]]:
    """A server with an empty bucket; yields the settings that lead to it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "moto.server", "--host", "127.0.0.1", "--port", str(port)]
    with (folder / "s3.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)

    def listens() -> bool:
        if process.poll() is not None:
            raise RuntimeError("moto's server did not start:\n" + (folder / "s3.log").read_text())
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    try:
        wait_until(listens, seconds=60, what="moto's server")
        found = {
            "bucket_name": BUCKET,
            "endpoint_url": f"http://127.0.0.1:{port}",
            "region_name": "us-east-1",
            "access_key": "test",
            "secret_key": "test",
        }
        client = boto3.client(
            "s3",
            endpoint_url=found["endpoint_url"],
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )
        client.create_bucket(Bucket=BUCKET)
        yield found
    finally:
        process.terminate()
        process.wait(20)
