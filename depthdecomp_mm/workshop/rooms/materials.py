"""Surface materials: what a box is made of, and the palettes that a scene draws them from."""

from __future__ import annotations

import colorsys
from dataclasses import dataclass, replace

import numpy as np

KINDS = (
    'plain', 'noise', 'stripes', 'checker', 'tiles', 'bricks', 'boards', 'wood', 'marble', 'dots',
)  # fmt: skip

Colour = tuple[float, float, float]


@dataclass(frozen=True)
class Material:
    """What a box is made of.

    Args:
        kind: Texture, one of ``KINDS``.
        first: Main albedo, linear RGB in 0..1.
        second: Albedo that the texture mixes in.
        scale: Size of the texture's unit in metres.
        gloss: Share of an active depth camera's light that is lost by mirroring, 0..1.
        glow: Light the surface gives off by itself, relative to a white lit surface.
        glass: True for window panes, which no depth camera measures.
    """

    kind: str
    first: Colour
    second: Colour
    scale: float = 0.2
    gloss: float = 0.0
    glow: float = 0.0
    glass: bool = False


def hsv(rng: np.random.Generator, hue: tuple, saturation: tuple, value: tuple) -> Colour:
    """Linear RGB drawn from ranges of hue (wraps at 1), saturation and (display) value."""
    h, s, v = (rng.uniform(*bounds) for bounds in (hue, saturation, value))
    return tuple(c**2.2 for c in colorsys.hsv_to_rgb(h % 1.0, s, v))


def shade(colour: Colour, factor: float) -> Colour:
    """Lighter or darker variant of a colour."""
    return tuple(min(c * factor, 0.95) for c in colour)


class Palette:
    """Materials of one scene: draws repeat its few woods, fabrics and paints.

    Args:
        rng: The scene's random generator.
        textures: Probability that a surface carries a strong texture.
    """

    def __init__(self, rng: np.random.Generator, textures: float = 0.5) -> None:
        self.rng = rng
        self.textures = textures
        self.hue = rng.uniform()
        self.woods = [self._wood() for _ in range(2)]
        self.fabrics = [self._fabric() for _ in range(3)]

    def _wood(self) -> Material:
        rng = self.rng
        if rng.uniform() < 0.25:  # painted furniture
            colour = hsv(rng, (0, 1), (0, 0.25), (0.6, 0.97))
            return Material('plain', colour, colour, gloss=rng.uniform(0, 0.25))
        colour = hsv(rng, (0.04, 0.11), (0.3, 0.7), (0.25, 0.85))
        return Material(
            'wood', colour, shade(colour, rng.uniform(0.45, 0.8)), rng.uniform(0.03, 0.12),
            gloss=rng.uniform(0, 0.2),
        )  # fmt: skip

    def _fabric(self) -> Material:
        rng = self.rng
        colour = hsv(rng, (self.hue - 0.2, self.hue + 0.2), (0, 0.75), (0.15, 0.9))
        if rng.uniform() < self.textures:
            kind = rng.choice(['stripes', 'checker', 'dots', 'noise'])
            other = hsv(rng, (0, 1), (0, 0.7), (0.2, 0.95))
            return Material(str(kind), colour, other, float(np.exp(rng.uniform(-3.6, -1.8))))
        return Material('noise', colour, shade(colour, 0.75), rng.uniform(0.005, 0.05))

    def wood(self) -> Material:
        """One of the scene's woods, a little lighter or darker."""
        material = self.woods[self.rng.integers(len(self.woods))]
        factor = self.rng.uniform(0.85, 1.15)
        return replace(
            material, first=shade(material.first, factor), second=shade(material.second, factor)
        )

    def fabric(self) -> Material:
        """One of the scene's fabrics."""
        return self.fabrics[self.rng.integers(len(self.fabrics))]

    def paint(self, saturation: float = 0.8) -> Material:
        """A plain material of any colour."""
        colour = hsv(self.rng, (0, 1), (0, saturation), (0.2, 0.95))
        return Material('plain', colour, colour, gloss=self.rng.uniform(0, 0.3))

    def white(self) -> Material:
        """Ceramic, enamel, paper."""
        colour = hsv(self.rng, (0.08, 0.15), (0, 0.08), (0.85, 0.98))
        return Material('plain', colour, colour, gloss=self.rng.uniform(0, 0.4))

    def metal(self) -> Material:
        """Grey to black, often glossy."""
        colour = hsv(self.rng, (0, 1), (0, 0.1), (0.12, 0.75))
        return Material('plain', colour, colour, gloss=self.rng.uniform(0.2, 0.8))

    def screen(self) -> Material:
        """Dark glass of a screen that is off, or a picture on one that is on."""
        if self.rng.uniform() < 0.6:
            return Material('plain', (0.01,) * 3, (0.02,) * 3, gloss=0.9)
        first, second = (hsv(self.rng, (0, 1), (0.2, 0.8), (0.3, 0.9)) for _ in range(2))
        return Material('noise', first, second, 0.15, gloss=0.7, glow=0.6)

    def lamp(self) -> Material:
        """A lit shade."""
        colour = hsv(self.rng, (0.07, 0.16), (0.05, 0.35), (0.9, 1))
        return Material('plain', colour, colour, glow=self.rng.uniform(0.7, 1.6))

    def picture(self) -> Material:
        """What hangs in a frame."""
        first, second = (hsv(self.rng, (0, 1), (0, 0.9), (0.1, 0.95)) for _ in range(2))
        kind = self.rng.choice(['noise', 'marble', 'stripes', 'checker', 'dots', 'plain'])
        scale = float(np.exp(self.rng.uniform(-3.3, -1)))
        return Material(str(kind), first, second, scale, gloss=self.rng.uniform(0, 0.6))

    def wall(self) -> Material:
        """Painted, papered, tiled or brick wall."""
        rng = self.rng
        colour = hsv(rng, (0, 1), (0, 0.18 if rng.uniform() < 0.75 else 0.6), (0.5, 0.97))
        if rng.uniform() > self.textures:
            return Material('noise', colour, shade(colour, rng.uniform(0.85, 0.97)), 0.3)
        kind = str(rng.choice(['stripes', 'tiles', 'bricks', 'dots', 'checker', 'noise', 'boards']))
        other = shade(colour, rng.uniform(0.4, 1.4))
        return Material(kind, colour, other, float(np.exp(rng.uniform(-2.8, -0.7))))

    def floor(self) -> Material:
        """Boards, tiles, carpet or stone."""
        rng = self.rng
        kind = str(rng.choice(['boards', 'boards', 'tiles', 'noise', 'checker', 'marble', 'plain']))
        if kind == 'boards':
            colour = hsv(rng, (0.04, 0.11), (0.2, 0.7), (0.25, 0.85))
            scale = rng.uniform(0.06, 0.22)
        else:
            colour = hsv(rng, (0, 1), (0, 0.35), (0.2, 0.9))
            scale = float(np.exp(rng.uniform(-2.3, -0.5))) * (0.1 if kind == 'noise' else 1)
        other = shade(colour, rng.uniform(0.4, 0.85))
        return Material(kind, colour, other, scale, gloss=rng.uniform(0, 0.25))

    def ceiling(self) -> Material:
        """Mostly white; sometimes boards or tiles."""
        colour = hsv(self.rng, (0.08, 0.15), (0, 0.1), (0.8, 0.97))
        kind = 'plain'
        if self.rng.uniform() < 0.3 * self.textures:
            kind = str(self.rng.choice(['tiles', 'boards']))
        return Material(kind, colour, shade(colour, 0.8), self.rng.uniform(0.1, 0.6))

    def outside(self) -> Material:
        """What a window shows."""
        sky = hsv(self.rng, (0.5, 0.62), (0.02, 0.4), (0.85, 1))
        other = hsv(self.rng, (0.2, 0.6), (0.05, 0.4), (0.4, 1))
        return Material('noise', sky, other, 0.5, glow=self.rng.uniform(0.8, 2.2), glass=True)
