"""Which furniture there is, and which rooms it stands in."""

from __future__ import annotations

from . import fixtures, furniture
from .parts import Maker

WALL = (
    'desk', 'chest', 'wardrobe', 'bookshelf', 'sofa', 'armchair', 'bed', 'kitchen_block', 'fridge',
    'bathtub', 'toilet', 'washbasin', 'television', 'bench', 'floor_lamp', 'plant', 'cartons',
    'steps', 'chair',
)  # fmt: skip
FREE = (
    'dining_table', 'coffee_table', 'sofa', 'armchair', 'chair', 'stool', 'bench', 'plant',
    'cartons', 'pillar', 'desk', 'bed', 'chest', 'floor_lamp',
)  # fmt: skip
MAKERS: dict[str, Maker] = {
    name: getattr(furniture, name, None) or getattr(fixtures, name) for name in {*WALL, *FREE}
}

# Kind of room: furniture along the walls, furniture that stands free.
ROOMS = {
    'living_room': (('sofa', 'bookshelf', 'television', 'chest', 'armchair', 'floor_lamp', 'plant'),
                    ('coffee_table', 'armchair', 'dining_table')),
    'bedroom': (('bed', 'wardrobe', 'chest', 'desk', 'chair'), ('bench', 'stool')),
    'office': (('desk', 'desk', 'bookshelf', 'chest', 'plant'), ('dining_table', 'chair', 'desk')),
    'dining_room': (('chest', 'bookshelf', 'bench', 'chair', 'plant'), ('dining_table',)),
    'kitchen': (('kitchen_block', 'kitchen_block', 'fridge', 'chair'), ('dining_table', 'stool')),
    'bathroom': (('bathtub', 'toilet', 'washbasin', 'chest'), ('stool',)),
    'study': (('bookshelf', 'bookshelf', 'desk', 'sofa', 'floor_lamp'), ('coffee_table', 'chair')),
    'hall': (('bench', 'steps', 'plant', 'sofa', 'chair', 'wardrobe'),
             ('pillar', 'dining_table', 'sofa', 'plant', 'armchair')),
    'storage': (('wardrobe', 'bookshelf', 'cartons', 'cartons', 'fridge'), ('cartons', 'stool')),
}  # fmt: skip
SIZES = {'bathroom': (1.8, 3.4), 'storage': (2.0, 5.0), 'hall': (4.5, 9.0)}
