# SPDX-License-Identifier: Apache-2.0
"""Draws docs/blind_detection.svg from blind_detection.json. No packages.

    python3 docs/measurements/blind_detection_svg.py
"""
import json
import pathlib

HERE = pathlib.Path(__file__).resolve().parent
WIDTH, HEIGHT = 960, 640
PANEL_W, PANEL_H = 250, 190
LEFT, TOP, GAP_X, GAP_Y = 62, 108, 55, 72
# Told apart by dash, marker and colour.
SERIES = [
    ("decoded", "decoded, with the schedule", "#1f4e9c", "", "circle"),
    ("found", "UE found, without", "#b35900", "7 4", "square"),
    ("proven", "block found and proven, without", "#11772d", "2 3", "cross"),
]


def marker(kind, x, y, colour):
    if kind == "circle":
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4.5" fill="none" stroke="{colour}" stroke-width="1.6"/>'
    if kind == "square":
        return (f'<rect x="{x - 3.2:.1f}" y="{y - 3.2:.1f}" width="6.4" height="6.4" fill="none" '
                f'stroke="{colour}" stroke-width="1.6"/>')
    return (f'<path d="M{x - 3:.1f} {y - 3:.1f} l6 6 m0 -6 l-6 6" stroke="{colour}" '
            f'stroke-width="1.8" fill="none"/>')


def ten_percent(points):
    """SNR at which nine blocks of ten decode, between points."""
    for a, b in zip(points, points[1:]):
        low, high = a["decoded_share"], b["decoded_share"]
        if low < 0.9 <= high:
            return a["snr_db"] + (b["snr_db"] - a["snr_db"]) * (0.9 - low) / (high - low)
    return None


def panel(case, left, top):
    points = case["points"]
    first, last = points[0]["snr_db"], points[-1]["snr_db"]

    def at_x(snr):
        return left + PANEL_W * (snr - first) / (last - first)

    def at_y(share):
        return top + PANEL_H * (1.0 - share)

    out = [f'<text x="{left}" y="{top - 10}" class="head">{case["name"]}</text>']
    for share in (0.0, 0.25, 0.5, 0.75, 0.9, 1.0):
        y = at_y(share)
        out.append(f'<line x1="{left}" x2="{left + PANEL_W}" y1="{y:.1f}" y2="{y:.1f}" class="grid"/>')
        if share != 0.9:
            out.append(f'<text x="{left - 6}" y="{y + 4:.1f}" text-anchor="end">{100 * share:.0f}</text>')
    for point in points[::2]:
        x = at_x(point["snr_db"])
        out.append(f'<text x="{x:.1f}" y="{top + PANEL_H + 16}" text-anchor="middle">{point["snr_db"]:.1f}</text>')
    threshold = ten_percent(points)
    if threshold is not None:
        x = at_x(threshold)
        out.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{top}" y2="{top + PANEL_H}" class="ten"/>')
        out.append(f'<text x="{left + PANEL_W / 2}" y="{top + PANEL_H + 32}" text-anchor="middle">'
                   f'10 % BLER at {threshold:.2f} dB</text>')
    for key, _, colour, dash, kind in SERIES:
        line = " ".join(f'{at_x(p["snr_db"]):.1f},{at_y(p[key + "_share"]):.1f}' for p in points)
        out.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="1.8" '
                   f'stroke-dasharray="{dash}"/>')
        for p in points:
            x = at_x(p["snr_db"])
            low, high = p[key + "_95"]
            out.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{at_y(low):.1f}" y2="{at_y(high):.1f}" '
                       f'stroke="{colour}" stroke-width="1" opacity="0.45"/>')
            out.append(marker(kind, x, at_y(p[key + "_share"]), colour))
    out.append(f'<rect x="{left}" y="{top}" width="{PANEL_W}" height="{PANEL_H}" class="frame"/>')
    return out


def main():
    data = json.loads((HERE / "blind_detection.json").read_text())
    slots = min(p["slots"] for c in data["cases"] for p in c["points"])
    false = sum(p["false"] for c in data["cases"] for p in c["points"])
    total = sum(p["slots"] for c in data["cases"] for p in c["points"])
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
           f'font-family="sans-serif" font-size="12">',
           "<style>text{fill:#222}.head{font-weight:bold;font-size:13px}.grid{stroke:#ddd}"
           ".frame{fill:none;stroke:#555}.ten{stroke:#555;stroke-dasharray:1 3;stroke-width:1.5}</style>",
           f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
           f'<text x="{LEFT}" y="24" font-size="16" font-weight="bold">One slot without a schedule, '
           f'beside the decoder with it</text>',
           f'<text x="{LEFT}" y="42">Share of slots in percent against SNR in dB; one UE, one port, AWGN, 51 PRB '
           f'carrier; every slot is searched as if it were the first.</text>',
           f'<text x="{LEFT}" y="58">At least {slots} slots a point, bars: 95 % (Wilson). False UEs: {false} in '
           f'{total} slots. Dotted: SNR of 10 % BLER with the schedule.</text>']
    x = LEFT
    for _, name, colour, dash, kind in SERIES:
        out.append(f'<line x1="{x}" x2="{x + 34}" y1="75" y2="75" stroke="{colour}" stroke-width="1.8" '
                   f'stroke-dasharray="{dash}"/>')
        out.append(marker(kind, x + 17, 75, colour))
        out.append(f'<text x="{x + 42}" y="79">{name}</text>')
        x += 280
    for i, case in enumerate(data["cases"]):
        out += panel(case, LEFT + i % 3 * (PANEL_W + GAP_X), TOP + 6 + i // 3 * (PANEL_H + GAP_Y))
    out.append("</svg>")
    (HERE.parent / "blind_detection.svg").write_text("\n".join(out) + "\n")


if __name__ == "__main__":
    main()
