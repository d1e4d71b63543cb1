"""From other projects' weights to ours."""

from .official import RELEASES, Release, convert_state_dict, recognise

__all__ = ['RELEASES', 'Release', 'convert_state_dict', 'recognise']
