"""
What the application writes to standard error.

In production one JSON object a line, with the request that it belongs to. Tracebacks never show
values of variables: these hold what people entered.
"""

import re
from collections.abc import MutableMapping
from typing import Any

# The address of a person's calendar opens it to whoever has it: a log must not hold it.
SECRET_ADDRESS = re.compile(r"(/calendar/)[^/?\s]+")

LOCAL: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "{levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    # Django's own handlers are left out: they would say the same a second time.
    "loggers": {
        "django": {"handlers": [], "level": "WARNING", "propagate": True},
        "django.request": {"level": "ERROR"},  # a page that is not found is no news
    },
}


def hide_secrets(
    logger: Any, method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """A processor of structlog: takes secrets out of the addresses that an event names."""
    for name, value in event.items():
        if isinstance(value, str):
            event[name] = SECRET_ADDRESS.sub(r"\1…", value)
    return event


def production_logging() -> dict[str, Any]:
    """Configure structlog, and give the entry for Django's LOGGING that goes with it."""
    # Not read by local commands, which start sooner without it.
    import structlog

    for_every_event: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        hide_secrets,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *for_every_event,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    as_json = {
        "()": structlog.stdlib.ProcessorFormatter,
        "foreign_pre_chain": for_every_event,
        "processors": [
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.JSONRenderer(),
        ],
    }
    return {
        **LOCAL,
        "formatters": {"json": as_json},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "json"}},
        "root": {"handlers": ["console"], "level": "INFO"},
        "loggers": {
            "django": {"handlers": [], "level": "INFO", "propagate": True},
            # The request middleware says what Django's server and request loggers would repeat.
            "django.request": {"level": "CRITICAL"},
            "procrastinate.blueprints": {"level": "WARNING"},
        },
    }
