"""Makes access.log, always the same: 3,000 requests in Apache's combined format, on standard output.

Addresses are those set aside for documentation (RFC 5737). The day has a morning and an evening peak, one crawler, and
one host that looks for holes, so that there is something to find.
"""

from __future__ import annotations

import random
from datetime import datetime, timedelta, timezone

REQUESTS = 3_000
HOURS = [2, 1, 1, 1, 1, 2, 4, 8, 12, 13, 11, 9, 8, 9, 9, 8, 8, 9, 11, 14, 13, 9, 6, 3]
PATHS = {
    "/": 30,
    "/index.html": 6,
    "/news/": 14,
    "/news/2026/opening-hours": 7,
    "/catalogue?page=2": 6,
    "/catalogue/item/118": 5,
    "/search?q=left+shoe": 4,
    "/static/site.css": 18,
    "/static/app.js": 17,
    "/images/banner.webp": 12,
    "/api/v1/stock": 9,
    "/old/prices.html": 3,
    "/favicon.ico": 8,
}
HOLES = ["/wp-login.php", "/.env", "/admin/config.php", "/cgi-bin/test.cgi"]
BROWSERS = [
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
]


def requests(source: random.Random) -> list[tuple[datetime, str]]:
    """Time and line of each request, in no order."""
    day = datetime(2026, 10, 14, tzinfo=timezone(timedelta(hours=2)))
    hosts = [f"198.51.100.{n}" for n in range(1, 255)] + [f"203.0.113.{n}" for n in range(1, 120)]
    weights = [1 / (rank + 3) for rank in range(len(hosts))]
    lines = []
    for _ in range(REQUESTS):
        hour = source.choices(range(24), HOURS)[0]
        time = day + timedelta(hours=hour, seconds=source.randrange(3600))
        host, agent, referer = source.choices(hosts, weights)[0], source.choice(BROWSERS), "-"
        path = source.choices(list(PATHS), list(PATHS.values()))[0]
        kind = source.random()
        if kind < 0.02:
            host, agent, path = "192.0.2.66", "-", source.choice(HOLES)
        elif kind < 0.08:
            host, agent = "192.0.2.10", "ExampleBot/2.1 (+https://bot.example/about)"
        elif path.startswith(("/static", "/images")):
            referer = "https://shop.example/"
        status, size = answer(source, path)
        method = "POST" if path.startswith("/api") and source.random() < 0.3 else "GET"
        stamp = time.strftime("%d/%b/%Y:%H:%M:%S %z")
        lines.append((time, f'{host} - - [{stamp}] "{method} {path} HTTP/1.1" {status} {size} "{referer}" "{agent}"'))
    return lines


def answer(source: random.Random, path: str) -> tuple[int, str]:
    """Status and size, as Apache prints them (`-` for no body)."""
    if path in HOLES:
        return 404, "196"
    if path.startswith("/old"):
        return 301, "233"
    if path.startswith("/api") and source.random() < 0.06:
        return 503, "299"
    if path.startswith(("/static", "/images")) and source.random() < 0.35:
        return 304, "-"
    return 200, str(source.randrange(300, 48_000))


if __name__ == "__main__":
    for _, line in sorted(requests(random.Random(20261014)), key=lambda request: request[0]):
        print(line)
