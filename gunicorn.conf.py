"""How gunicorn serves the application, in the demo as in production. It reads this file by itself."""

import os

worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = 4
# Read the application once, before the workers: wrong settings end the server instead of each worker.
preload_app = True
timeout = 60
graceful_timeout = 10
# Recycled now and then, so that no leak grows for ever; not all at once.
max_requests = 20_000
max_requests_jitter = 2_000
control_socket_disable = True
