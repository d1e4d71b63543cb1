"""Samplers."""

from .mixed_dataset_sampler import MixedDatasetSampler

__all__ = ['MixedDatasetSampler']
