"""How gunicorn, which reads this file by itself, serves demo and production alike."""

import os

worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = 4
# Read the application once, before the workers: wrong settings end the server, not each worker.
preload_app = True
timeout = 60
graceful_timeout = 10
# Recycled now and then, so that no leak grows for ever; not all at once.
max_requests = 20_000
max_requests_jitter = 2_000
control_socket_disable = True
# The heartbeat of the workers must not wait for a disk.
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108 files without names
