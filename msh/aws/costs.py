"""What one thing costs on AWS, in US dollars: the formulas, on a table of prices. Times in seconds, memory in MB."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from msh.aws.prices import Prices

PART = 8 << 20  # bytes of one part of a large object
BANDWIDTH = 75e6  # bytes a second between a function and S3 (unverified)
FREE_DISK = 0.5  # GB of /tmp that cost nothing
FARGATE_LEAST = 60.0  # seconds that are charged at least


def task(prices: Prices, seconds: float, memory: int, disk: int = 512, start: float = 0.0) -> float:
    """One invocation; `start` is the time that a cold start takes, `disk` in MB."""
    running = prices.lambda_gb_second * (memory / 1024) * (seconds + start)
    disk_cost = prices.lambda_disk_gb_second * max(0.0, disk / 1024 - FREE_DISK) * seconds
    return prices.lambda_request + running + disk_cost


def boundary(prices: Prices, size: float, memory: int, days: float = 1.0) -> float:
    """Handing `size` bytes from one task to the next through S3: requests, storage, and the time both tasks wait."""
    parts = max(1, ceil(size / PART))
    requests = prices.put * (1 if size <= PART else parts + 2) + prices.get * parts
    storage = size / 2**30 * prices.storage_gb_month * days / 30
    waiting = prices.lambda_gb_second * (memory / 1024) * 2 * size / BANDWIDTH
    return requests + storage + waiting


def express_child(prices: Prices, seconds: float, memory: int = 64) -> float:
    """One Express execution; time counts in steps of 100 ms, memory in steps of 64 MB."""
    time, size = ceil(seconds * 10) / 10, ceil(memory / 64) * 64 / 1024
    return prices.express_run + time * size * prices.express_gb_second


def fargate(prices: Prices, seconds: float, vcpu: float, memory_gb: float) -> float:
    """One task of Fargate."""
    hours = max(FARGATE_LEAST, seconds) / 3600
    return hours * (vcpu * prices.fargate_vcpu_hour + memory_gb * prices.fargate_gb_hour)
