"""Draws a terminal screen, captured with its colours, as an SVG.

tmux capture-pane -e -p -t SESSION | python3 eng/terminal-svg.py 'offpeak demo' > docs/demo.svg
"""
import html
import re
import sys

COLOURS = {
    30: "#1e1e2e", 31: "#f38ba8", 32: "#a6e3a1", 33: "#f9e2af", 34: "#89b4fa", 35: "#cba6f7", 36: "#94e2d5", 37: "#cdd6f4",
    90: "#7f849c", 91: "#f38ba8", 92: "#a6e3a1", 93: "#f9e2af", 94: "#89b4fa", 95: "#cba6f7", 96: "#94e2d5", 97: "#ffffff",
}
BASIC = [COLOURS[code] for code in list(range(30, 38)) + list(range(90, 98))]
FOREGROUND = "#cdd6f4"
WIDTH, HEIGHT, MARGIN, BAR = 8.4, 19, 16, 36


def colour(codes, current):
    """The foreground after a list of SGR codes."""
    codes = [int(code or 0) for code in codes]
    while codes:
        code = codes.pop(0)
        if code in (0, 39):
            current = FOREGROUND
        elif code in COLOURS:
            current = COLOURS[code]
        elif code == 38 and codes[:1] == [5]:
            current, codes = xterm(codes[1]), codes[2:]
        elif code == 38 and codes[:1] == [2]:
            current, codes = "#%02x%02x%02x" % tuple(codes[1:4]), codes[4:]
    return current


def xterm(index):
    """One of the 256 colours."""
    if index < 16:
        return BASIC[index]
    if index >= 232:
        return "#%02x%02x%02x" % ((8 + 10 * (index - 232),) * 3)
    levels = [0, 95, 135, 175, 215, 255]
    index -= 16
    return "#%02x%02x%02x" % (levels[index // 36], levels[index // 6 % 6], levels[index % 6])


def main():
    lines = sys.stdin.read().rstrip("\n").split("\n")
    columns = max(len(re.sub(r"\x1b\[[0-9;]*m", "", line)) for line in lines)
    width, height = columns * WIDTH + 2 * MARGIN, len(lines) * HEIGHT + 2 * MARGIN + BAR
    print(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" role="img" '
          f'aria-label="{html.escape(sys.argv[1])}">')
    print(f'<rect width="100%" height="100%" rx="10" fill="#1e1e2e"/>')
    for x, fill in ((22, "#f38ba8"), (42, "#f9e2af"), (62, "#a6e3a1")):
        print(f'<circle cx="{x}" cy="20" r="6" fill="{fill}"/>')
    print(f'<text x="{width / 2:.0f}" y="25" fill="#7f849c" text-anchor="middle" font-family="sans-serif" font-size="13">{html.escape(sys.argv[1])}</text>')
    print('<g font-family="ui-monospace,Menlo,Consolas,\'DejaVu Sans Mono\',monospace" font-size="14" xml:space="preserve">')
    current = FOREGROUND
    for row, line in enumerate(lines):
        y, column = MARGIN + BAR + row * HEIGHT + 10, 0
        for part in re.split(r"(\x1b\[[0-9;]*m)", line):
            if part.startswith("\x1b["):
                current = colour(part[2:-1].split(";"), current)
            elif part:
                if part.strip():
                    print(f'<text x="{MARGIN + column * WIDTH:.1f}" y="{y}" fill="{current}" textLength="{len(part) * WIDTH:.1f}">{html.escape(part)}</text>')
                column += len(part)
    print("</g></svg>")


main()
