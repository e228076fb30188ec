"""Makes weather.csv: a month of readings of six stations, always the same, with the faults that such files have."""

from __future__ import annotations

import math
import random

STATIONS = {"brennerhof": 9.0, "harbour": 12.5, "lakeside": 10.5, "north field": 8.0, "quarry": 7.0, "town": 11.5}


if __name__ == "__main__":
    source = random.Random(12)
    print("date,station,minimum,maximum,rain")
    for day in range(1, 32):
        for station, mean in STATIONS.items():
            middle = mean - day / 10 + 2 * math.sin(day / 3) + source.gauss(0, 1.5)
            spread = abs(source.gauss(4, 1)) + 1
            rain = max(0.0, source.gauss(-1, 5))
            row = [f"2026-10-{day:02}", station, f"{middle - spread:.1f}", f"{middle + spread:.1f}", f"{rain:.1f}"]
            fault = source.random()
            if fault < 0.02:
                row[3] = ""
            elif fault < 0.04:
                row[2], row[3] = row[3], row[2]
            elif fault < 0.05:
                row = row[:4]
            print(",".join(row))
